"""What a person has answered outlives Redis, and the last answer about a candidate counts."""

from crateline.durable.answers import Answers
from crateline.durable.store import Store

KEY, ONE, OTHER = "soundcloud:tracks:1", "youtube:video:one", "youtube:video:other"


def test_nothing_was_answered_at_first(tmp_path):
    answers = Answers(Store(tmp_path))
    assert (answers.rejected(KEY), answers.accepted(KEY), answers.same(KEY, ONE)) == ((), "", None)


def test_answers_are_kept_in_the_store_in_a_form_for_others_to_read(tmp_path):
    # When
    Answers(Store(tmp_path)).reject(KEY, ONE)
    Answers(Store(tmp_path)).reject(KEY, ONE)
    Answers(Store(tmp_path)).accept(KEY, OTHER)
    # I expect
    note = Store(tmp_path).memo("answers", KEY)
    assert (note["rejected"], note["accepted"]) == ([ONE], OTHER)
    answers = Answers(Store(tmp_path))
    assert (answers.rejected(KEY), answers.accepted(KEY)) == ((ONE,), OTHER)


def test_the_last_answer_about_a_candidate_counts(tmp_path):
    answers = Answers(Store(tmp_path))
    answers.accept(KEY, ONE)
    answers.reject(KEY, ONE)
    assert (answers.rejected(KEY), answers.accepted(KEY)) == ((ONE,), "")
    answers.accept(KEY, ONE)
    assert (answers.rejected(KEY), answers.accepted(KEY)) == ((), ONE)


def test_an_answer_about_two_tracks_counts_whichever_was_asked(tmp_path):
    answers = Answers(Store(tmp_path))
    answers.reject(KEY, ONE)
    answers.accept(KEY, OTHER)
    assert answers.same(KEY, ONE) is answers.same(ONE, KEY) is False
    assert answers.same(KEY, OTHER) is answers.same(OTHER, KEY) is True


def test_answers_to_different_questions_about_a_track_do_not_push_each_other_out(tmp_path):
    # Given a page, a source and another upload
    answers = Answers(Store(tmp_path))
    answers.accept(KEY, "a page")
    answers.accept(KEY, OTHER)
    answers.accept(KEY, ONE, {"url": "https://example.org"})
    # I expect
    assert answers.confirmed(KEY) == (ONE, OTHER, "a page")
    assert answers.same(KEY, OTHER) is True
    assert answers.details(KEY, ONE) == {"url": "https://example.org"}
    # And a "no" to take back that one alone
    answers.reject(KEY, OTHER)
    assert answers.confirmed(KEY) == (ONE, "a page")
    assert answers.same(KEY, OTHER) is False


def test_what_is_needed_to_use_a_source_outlives_every_later_answer(tmp_path):
    # Given two sources, and another upload that was accepted after them by its key alone
    answers = Answers(Store(tmp_path))
    answers.accept(KEY, "first", {"url": "https://example.org/1"})
    answers.accept(KEY, "second", {"url": "https://example.org/2"})
    answers.accept(KEY, OTHER)
    # I expect
    assert answers.confirmed(KEY) == (OTHER, "second", "first")
    assert [answers.details(KEY, one).get("url", "") for one in answers.confirmed(KEY)] == [
        "",
        "https://example.org/2",
        "https://example.org/1",
    ]
    # And what is rejected after all to be kept no more
    answers.reject(KEY, "second")
    assert answers.details(KEY, "second") == {}


def test_an_answer_that_was_kept_in_the_former_way_still_holds(tmp_path):
    # Given
    store = Store(tmp_path)
    former = {"rejected": [], "accepted": ONE, "also": [], "details": {"url": "https://example.org"}}
    store.keep_memo("answers", KEY, former)
    # When
    Answers(store).accept(KEY, OTHER)
    # I expect
    assert Answers(store).details(KEY, ONE) == {"url": "https://example.org"}


def test_answers_can_be_taken_back_one_or_all(tmp_path):
    # Given
    answers = Answers(Store(tmp_path))
    answers.accept(KEY, ONE, {"url": "https://example.org"})
    answers.reject(KEY, OTHER)
    # I expect nothing to be taken back that was never said
    assert answers.forget(KEY, "nobody") == answers.forget("soundcloud:tracks:9") == ()
    # When
    assert answers.forget(KEY, OTHER) == (OTHER,)
    assert (answers.confirmed(KEY), answers.rejected(KEY)) == ((ONE,), ())
    assert answers.forget(KEY) == (ONE,)
    # I expect
    assert (answers.confirmed(KEY), answers.same(KEY, OTHER), answers.details(KEY, ONE)) == ((), None, {})
