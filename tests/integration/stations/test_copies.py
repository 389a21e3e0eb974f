"""Copies on other volumes: made at once where the volume is there, owed and made later where it is not, and never half."""

import errno
import shutil
import threading
from pathlib import Path

import mutagen
import pytest

from crateline.audio import convert, tags
from crateline.cli import chores, report
from crateline.durable import copies, volumes
from crateline.durable.item import card_of
from crateline.messages import Station
from workers import scheduler
from workers.copies import LOCK, deliver

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg")]

KEY, OTHER = "soundcloud:tracks:1", "soundcloud:tracks:2"
NAME = "Warm-up/Artist 1 - Title 1"


class Disk:
    """A disk for M4As and WAVs that is not plugged in yet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.djay, self.apple = root / "djay", root / "Music"

    def plug_in(self) -> None:
        away = self.root.with_name("unplugged")
        if away.exists():
            away.rename(self.root)
        for folder in (self.djay, self.apple):
            folder.mkdir(parents=True, exist_ok=True)

    def unplug(self) -> None:
        self.root.rename(self.root.with_name("unplugged"))

    @property
    def files(self) -> list[str]:
        return everything(self.root)


@pytest.fixture
def disk(own_settings, tmp_path) -> Disk:
    disk = Disk(tmp_path / "volume")
    own_settings["backup_dir"], own_settings["wav_backup_dir"] = disk.djay, disk.apple
    return disk


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def owed(line) -> dict[str, int]:
    return {one.name: one.tracks for one in line.wiring.copies.owing()}


def file_again(line, listened, key=KEY) -> str:
    line.forget(key, "s:analyze")
    return listened(key)


def test_djay_gets_its_m4a_and_apple_music_its_wav(disk, line, listened, make_track):
    # Given
    disk.plug_in()
    line.enqueue(make_track(1, album="First Light"))
    # When
    assert listened(KEY) == "sealed"
    # I expect
    assert disk.files == [f"Music/{NAME}.wav", f"djay/{NAME}.m4a"]
    wav = disk.apple / f"{NAME}.wav"
    assert tags.read(wav) == tags.read(disk.djay / f"{NAME}.m4a")
    assert mutagen.File(wav).info.bits_per_sample == 16
    assert not list((line.wiring.store.root / "outgoing").rglob("*.wav"))
    assert owed(line) == {"BACKUP_DIR": 0, "WAV_BACKUP_DIR": 0}


def test_what_an_absent_volume_should_get_is_owed_and_made_when_it_is_back(disk, line, listened, make_track, capsys):
    # Given two tracks that were filed while the volume was away
    line.enqueue(make_track(1), make_track(2))
    assert listened(KEY, 0) == listened(OTHER, 1) == "sealed"
    assert "BACKUP_DIR is not mounted" in capsys.readouterr().out
    assert not disk.root.exists()
    board = report.board(line.wiring, [])["copies"]
    assert [(one["volume"], one["owed"]) for one in board] == [("BACKUP_DIR", 2), ("WAV_BACKUP_DIR", 2)]
    assert all("not mounted" in one["reason"] for one in board)
    assert deliver(line.wiring) == 0
    # When Redis forgets everything, and the volume comes back
    line.wiring.redis.flushall()
    disk.plug_in()
    # I expect
    assert deliver(line.wiring) == 4
    assert everything(disk.djay) == [f"{NAME}.m4a", f"{NAME}.m4a".replace("1", "2")]
    assert len(everything(disk.apple)) == 2
    assert owed(line) == {"BACKUP_DIR": 0, "WAV_BACKUP_DIR": 0}
    assert deliver(line.wiring) == 0


def test_the_scheduler_makes_what_is_owed_by_itself(disk, line, listened, make_track, monkeypatch, eventually):  # noqa: PLR0917  # fixtures
    # Given a scheduler with its own table of chores, in a test that gets no signals
    monkeypatch.setattr(scheduler.signal, "signal", lambda *_: None)
    mine = [chore for chore in chores.of(line.wiring.settings) if chore.name == "copies"]
    line.enqueue(make_track(1))
    assert listened(KEY) == "sealed"
    disk.plug_in()
    # When
    running = threading.Thread(target=scheduler.run_scheduler, args=(line.wiring, mine), daemon=True)
    running.start()
    # I expect
    eventually(lambda: owed(line) == {"BACKUP_DIR": 0, "WAV_BACKUP_DIR": 0}, 30)
    assert len(disk.files) == 2
    line.wiring.stopping.set()
    running.join(30)
    assert not running.is_alive()


def test_one_machine_at_a_time_makes_copies(disk, line, listened, make_track):
    # Given
    line.enqueue(make_track(1))
    assert listened(KEY) == "sealed"
    disk.plug_in()
    # When another is at it
    with line.wiring.lock(LOCK) as mine:
        assert mine
        assert deliver(line.wiring) == 0
    # I expect
    assert disk.files == []
    assert deliver(line.wiring) == 2


def test_the_next_filing_makes_a_tracks_copies_too(disk, line, listened, make_track):
    # Given
    line.enqueue(make_track(1))
    assert listened(KEY) == "sealed"
    # When
    disk.plug_in()
    assert file_again(line, listened) == "sealed"
    # I expect
    assert len(disk.files) == 2
    assert owed(line) == {"BACKUP_DIR": 0, "WAV_BACKUP_DIR": 0}


def test_a_copy_that_is_as_new_is_not_made_again(disk, line, listened, make_track, monkeypatch):
    # Given
    disk.plug_in()
    line.enqueue(make_track(1))
    assert listened(KEY) == "sealed"
    before = {name: (disk.root / name).stat().st_ino for name in disk.files}
    # When
    monkeypatch.setattr("crateline.audio.convert.to_wav", None)
    assert file_again(line, listened) == "sealed"
    # I expect
    assert {name: (disk.root / name).stat().st_ino for name in disk.files} == before
    # When a person takes one away
    (disk.djay / f"{NAME}.m4a").unlink()
    assert file_again(line, listened) == "sealed"
    # I expect
    assert len(disk.files) == 2


def test_a_name_that_has_changed_while_the_volume_was_away_leaves_no_old_one_behind(disk, line, listened, make_track):
    # Given copies, and a volume that was unplugged
    disk.plug_in()
    line.enqueue(make_track(1))
    assert listened(KEY) == "sealed"
    stranger = disk.djay / "Warm-up" / "Somebody - Else.m4a"
    stranger.write_bytes(b"ripped by hand")
    disk.unplug()
    # When the track is called otherwise meanwhile
    line.set(KEY, card=card_of(make_track(1, title="Dawn")))
    assert file_again(line, listened) == "sealed"
    assert not disk.root.exists()
    disk.plug_in()
    assert deliver(line.wiring) == 2
    # I expect
    new = "Warm-up/Artist 1 - Dawn"
    assert disk.files == sorted([f"Music/{new}.wav", f"djay/{new}.m4a", "djay/Warm-up/Somebody - Else.m4a"])
    assert tags.read(disk.apple / f"{new}.wav").title == "Dawn"


def test_a_full_volume_is_a_warning_and_costs_no_track(disk, line, listened, make_track, monkeypatch):
    # Given
    disk.plug_in()
    line.enqueue(make_track(1))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    # When
    with monkeypatch.context() as patched:
        patched.setattr(copies, "copy", full)
        assert listened(KEY) == "sealed"
    # I expect
    assert disk.files == []
    assert owed(line) == {"BACKUP_DIR": 1, "WAV_BACKUP_DIR": 1}
    assert line.wiring.pauses.all() == ()
    assert deliver(line.wiring) == 2


def test_a_kill_in_the_midst_of_a_copy_leaves_no_half_of_it(disk, line, listened, make_track, monkeypatch):
    # Given
    disk.plug_in()
    line.enqueue(make_track(1))
    whole = shutil.copyfile

    def killed(source: Path, target: Path, **how: bool) -> None:
        whole(source, target, **how)
        if target.suffix == ".part":
            target.write_bytes(target.read_bytes()[:1000])
            raise KeyboardInterrupt

    # When
    with monkeypatch.context() as patched:
        patched.setattr("crateline.durable.store.shutil.copyfile", killed)
        with pytest.raises(KeyboardInterrupt):
            listened(KEY)
    # I expect nothing that looks like music, and the copies when the track is taken up again
    assert disk.files == []
    line.forget(KEY, "c:analyze")  # its lease lapses
    assert listened(KEY) == "sealed"
    assert len(disk.files) == 2


def test_a_master_that_changes_during_a_copy_is_copied_again(disk, line, listened, make_track, monkeypatch):
    # Given a scheduler that is making a copy
    line.enqueue(make_track(1))
    assert listened(KEY) == "sealed"
    disk.plug_in()
    real, once = copies.copy, []

    def slow(source: Path, target: Path) -> None:
        real(source, target)
        if not once:  # when the track's words change, and its worker finds somebody at its copies
            once.append(target)
            line.set(KEY, card=card_of(make_track(1, genre="Disco")))
            assert file_again(line, listened) == "sealed"

    monkeypatch.setattr(copies, "copy", slow)
    deliver(line.wiring)
    # I expect the newer one to be owed still
    assert owed(line)["BACKUP_DIR"] == 1
    deliver(line.wiring)
    assert tags.read(disk.djay / f"{NAME}.m4a").genre == "Disco"
    assert tags.read(disk.apple / f"{NAME}.wav").genre == "Disco"
    assert set(owed(line).values()) == {0}


def test_a_file_of_a_persons_making_stays_on_the_volume(disk, line, listened, make_track):
    # Given
    disk.plug_in()
    line.enqueue(make_track(1))
    mine = disk.djay / f"{NAME}.m4a"
    mine.parent.mkdir()
    mine.write_bytes(b"ripped by hand")
    # When
    assert listened(KEY) == "sealed"
    # I expect
    assert mine.read_bytes() == b"ripped by hand"
    assert len(everything(disk.djay)) == 2


def test_a_volume_that_has_copies_from_before_media_root_was_lost_gets_no_second_ones(disk, line, listened, make_track):
    # Given
    disk.plug_in()
    line.enqueue(make_track(1))
    assert listened(KEY) == "sealed"
    before = disk.files
    # When MEDIA_ROOT forgets the names
    for kind in ("names", "shelf-BACKUP_DIR", "shelf-WAV_BACKUP_DIR", "shelf-OUT_DIR"):
        shutil.rmtree(line.wiring.store.root / kind)
    assert file_again(line, listened) == "sealed"
    # I expect
    assert disk.files == before
    assert line.item(KEY).result(Station.ANALYZE)["files"] == [str(line.wiring.settings.out_dir / f"{NAME}.m4a")]


# Whether a volume is there


@pytest.fixture
def mounts(monkeypatch) -> set[Path]:
    """What is mounted besides the disk of the system."""
    mounted = {Path("/")}
    monkeypatch.setattr(Path, "is_mount", lambda path: path in mounted)
    return mounted


@pytest.fixture
def removable(monkeypatch, tmp_path) -> Path:
    folder = tmp_path / "Volumes"
    monkeypatch.setattr(volumes, "REMOVABLE", (folder,))
    folder.mkdir()
    return folder


def test_a_folder_on_a_mounted_disk_is_made_and_one_on_a_disk_that_is_not_never(line, mounts, removable):
    # Given
    store, place = line.wiring.store, volumes.Place(name="BACKUP_DIR", root=removable / "USB" / "djay" / "new")
    assert "not mounted" in volumes.absent(store, place)
    # When an unplugged disk has left its empty folder behind
    (removable / "USB").mkdir()
    # I expect
    assert "not mounted" in volumes.absent(store, place)
    # When it is plugged in
    mounts.add(removable / "USB")
    # I expect
    assert volumes.absent(store, place) == ""
    assert not place.root.exists()
    volumes.prepare(store, place)
    assert place.root.is_dir()


def test_a_folder_elsewhere_has_to_be_there_and_its_mount_to_stay(line, mounts, tmp_path):
    # Given
    store, root = line.wiring.store, tmp_path / "nas" / "djay"
    place = volumes.Place(name="BACKUP_DIR", root=root)
    assert "not made yet" in volumes.absent(store, place)
    assert not root.exists()
    # When it is there, on a mount of its own
    root.mkdir(parents=True)
    mounts.add(tmp_path / "nas")
    assert volumes.absent(store, place) == ""
    volumes.prepare(store, place)
    # When that is gone, and an empty folder shows in its place
    mounts.discard(tmp_path / "nas")
    # I expect
    assert "empty folder" in volumes.absent(store, place)
    # When another folder is named in the settings
    other = volumes.Place(name="BACKUP_DIR", root=tmp_path / "other")
    other.root.mkdir()
    # I expect
    assert volumes.absent(store, other) == ""


def test_a_link_to_a_volume_is_where_it_leads_to(line, mounts, removable, tmp_path):
    # Given
    (tmp_path / "backup").symlink_to(removable / "USB")
    place = volumes.Place(name="BACKUP_DIR", root=tmp_path / "backup")
    # I expect
    assert "not mounted" in volumes.absent(line.wiring.store, place)


# Another loudness


@pytest.fixture
def quiet(own_settings, tmp_path) -> Path:
    own_settings["render_dir"], own_settings["loudness_target"] = tmp_path / "quiet", -20.0
    (tmp_path / "quiet").mkdir()
    return tmp_path / "quiet"


def test_a_rendered_copy_is_made_beside_the_master_that_stays_as_it_is(quiet, line, listened, make_track):
    # Given
    line.enqueue(make_track(1))
    # When
    assert listened(KEY, lufs=-9.5, true_peak=-0.3) == "sealed"
    # I expect
    copy, master = quiet / f"{NAME}.m4a", line.wiring.store.kept("masters", KEY)
    assert tags.read(copy).rendered == "-10.50 dB, for -20 LUFS"
    assert tags.read(copy).lufs == -20
    assert tags.read(master.path).rendered == ""
    assert convert.sound(copy) != convert.sound(master.path) == master.facts["sound"]


@pytest.mark.parametrize("marked", [True, False], ids=["with its tags", "without them"])
def test_a_rendered_copy_that_comes_back_as_a_source_is_not_rendered_again(quiet, line, listened, make_track, marked):
    # Given a copy that somebody hands in again
    line.enqueue(make_track(1), make_track(2))
    assert listened(KEY, lufs=-9.5, true_peak=-0.3) == "sealed"
    copy = quiet / f"{NAME}.m4a"
    store = line.wiring.store
    original = Path(shutil.copyfile(copy, store.folder("originals", OTHER) / "original.m4a"))
    if not marked:
        file = mutagen.File(original)
        file.delete()
    store.seal("originals", OTHER, original, {})
    # When (an analysis that would have it rendered)
    assert line.run(Station.DOWNLOAD, OTHER) == "sealed"
    assert listened(OTHER, lufs=-5.0, true_peak=-0.3) == "sealed"
    # I expect
    again = quiet / f"{NAME}.m4a".replace("1", "2")
    assert convert.sound(again) == convert.sound(copy)
    assert tags.read(again).rendered == "-10.50 dB, for -20 LUFS"
