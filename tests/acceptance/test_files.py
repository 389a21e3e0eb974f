"""Files for players, with real processes: forms, covers, volumes that come and go, titles that change."""

from pathlib import Path

import httpx
import pytest

from crateline.audio import cover, tags

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia"), pytest.mark.timeout(300)]


@pytest.mark.parametrize("operator", [{"tracks": 5, "seconds": (6, 7)}], indirect=True)
def test_a_volume_gets_what_it_missed_and_a_new_title_reaches_every_file(operator):
    # Given AIFFs to be made, and a backup volume that is not there
    volume = operator.folder / "outside" / "volume"
    operator.environment |= {"EXTRA_FORMATS": "aiff", "BACKUP_DIR": str(volume)}
    operator.up()
    # When a set goes through
    key = operator.enqueue()["key"]
    operator.until_finished(key)
    # I expect an M4A and an AIFF of each track, with its picture, and copies that are owed
    done = {name: row for name, row in operator.tracks(key).items() if row["files"]}
    for row in done.values():
        assert [Path(file).suffix for file in row["files"]] == [".m4a", ".aiff"]
        assert all(cover.embedded(Path(file)) for file in row["files"])
    [owed] = operator.status()["copies"]
    assert (owed["volume"], owed["owed"]) == ("BACKUP_DIR", len(done))
    assert "not mounted" in owed["reason"]
    # When the volume is mounted
    volume.mkdir()
    operator.eventually(lambda: operator.status()["copies"][0]["owed"] == 0)
    # I expect
    copies = sorted(path.relative_to(volume) for path in volume.rglob("*.m4a"))
    assert len(copies) == len(done)
    assert len([path for path in volume.rglob("*") if path.is_file()]) == len(done)
    # When an uploader gives a track another title, and the set is enqueued again
    track, row = next((name, row) for name, row in done.items() if row["state"] == "done")
    renamed = {"id": int(track.rpartition(":")[2]), "title": "Quite Another Title"}
    httpx.post(f"{operator.world.addresses['soundcloud']}/_sandbox/track", json=renamed, trust_env=False).raise_for_status()
    downloads = operator.stats("soundcloud")["downloads"]
    operator.enqueue()
    operator.until_finished(key)
    # I expect its files, its copy and its page to say so, and nothing to have been fetched
    now = operator.tracks(key)[track]
    assert operator.stats("soundcloud")["downloads"] == downloads
    assert {tags.read(Path(file)).title for file in now["files"]} == {"Quite Another Title"}
    assert all("Quite Another Title" in file for file in now["files"])
    assert not any(Path(file).exists() for file in row["files"])
    assert sorted(path.relative_to(volume) for path in volume.rglob("*.m4a")) != copies
    assert len(list(volume.rglob("*Quite Another Title.m4a"))) == 1
    page = next(one for one in operator.pages() if one["properties"].get("Source ID") == track)
    assert (page["properties"]["Name"], page["properties"]["Status"]) == ("Quite Another Title", "Complete")
    assert len(operator.items()) == len(done)
