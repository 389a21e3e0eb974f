"""Killed in the middle of it, at any step: the next look makes up for it."""

import pytest

from crateline.durable import register

pytestmark = pytest.mark.real("redis")


def keys(ids):
    return [f"soundcloud:tracks:{one}" for one in ids]


def link_of(playlist):
    return f"https://open.spotify.com/playlist/{playlist.id}"


def test_a_look_that_was_killed_in_the_middle_is_made_up_for(settled_in, crateline, wiring, soundcloud, monkeypatch):
    # Given
    main, rows, edit = soundcloud
    crateline("enqueue", main.url)
    edit([*rows[2:], rows[1]])
    # When the process dies after it has unlinked
    with monkeypatch.context() as killed:
        killed.setattr("producers.intake.take", lambda *_words, **_more: (_ for _ in ()).throw(KeyboardInterrupt))
        assert crateline("sync", "--unlink").code == 130
    (done,) = crateline("sync", "--unlink", "--json").rows
    # I expect
    assert done["state"] == "changed"
    assert wiring.register.members(main.key) == keys([*rows[2:], rows[1]])
    assert wiring.ledger.track(keys(rows)[0]).left == (main.key,)


def test_a_new_name_whose_taking_over_was_killed_is_made_up_for(settled_in, crateline, wiring, spotify, monkeypatch):
    # Given
    owned, edit = spotify
    crateline("enqueue", link_of(owned))
    member = wiring.register.members(f"spotify:playlist:{owned.id}")[0]
    version = wiring.ledger.track(member).version
    # When the process dies with the new name written and no track touched
    edit(owned.rows, name="Prime Time")
    with monkeypatch.context() as killed:
        killed.setattr(register.Register, "_file_anew", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert crateline("sync").code == 130
    (done,) = crateline("sync", "--json").rows
    # I expect
    assert done["state"] == "changed"
    assert wiring.ledger.track(member).version == version + 1
