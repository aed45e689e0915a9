"""English chats are known as such, others are not, and a few words change nothing."""

import pytest

from nlp_lstm.text.language import BOUND, START, heard, is_foreign, mostly_foreign


def odds(*turns: str) -> float:
    so_far = START
    for turn in turns:
        so_far = heard(so_far, turn)
    return so_far


@pytest.mark.parametrize(
    "turns",
    [
        pytest.param(["hi"], id="one word"),
        pytest.param(["WHERE IS MY ORDER???", "its been 3 weeks!!!"], id="shouted"),
        pytest.param(["Xubuntu, gnome?"], id="names alone decide nothing"),
        pytest.param(["I can't log in to my account", "Müller, ÄÖÜ-4711"], id="a foreign name"),
        pytest.param(["thx", "ok", "u too :)"], id="as people type"),
        pytest.param(["😡😡😡", "...", "", "4523 9911"], id="no words"),
        pytest.param(["hello how are you", "muy bien gracias"], id="three words in passing"),
    ],
)
def test_english_is_english(turns: list[str]) -> None:
    assert not is_foreign(odds(*turns))


@pytest.mark.parametrize(
    "turns",
    [
        pytest.param(["Wo bleibt denn eigentlich meine Bestellung?"], id="German"),
        pytest.param(["Il pacco non è ancora arrivato, sono furioso"], id="Italian"),
        pytest.param(["Le colis n’est toujours pas arrivé"], id="French"),
        pytest.param(["El paquete todavía no ha llegado y estoy muy enfadado"], id="Spanish"),
        pytest.param(["Посылка до сих пор не пришла"], id="Russian"),
        pytest.param(["包裹还没到,我很生气"], id="Chinese, without blanks"),
        pytest.param(["الطرد لم يصل بعد"], id="Arabic"),
        pytest.param(["hola", "necesito ayuda", "mi pedido no llega"], id="short turns together"),
        pytest.param(
            ["I would like to book a table for two people tonight please."] * 20
            + ["Ach so, können wir vielleicht auch auf Deutsch weiterreden, das wäre mir lieber?"],
            id="after much English",
        ),
    ],
)
def test_another_language_is_noticed(turns: list[str]) -> None:
    assert is_foreign(odds(*turns))


def test_whoever_comes_back_to_english_is_read_again() -> None:
    german = ["Das Paket ist immer noch nicht da und niemand antwortet mir."] * 30

    assert not is_foreign(odds(*german, "Sorry, I thought that you spoke German, my mistake."))


def test_what_was_heard_is_bounded_and_a_megabyte_takes_no_time() -> None:
    assert odds("ja " * 300_000) == -BOUND
    assert odds("yes " * 300_000) == BOUND


def test_most_conversations_decide_what_a_model_has_learnt() -> None:
    german, english = ["wo bleibt meine bestellung denn nur"], ["where is my order"]

    assert mostly_foreign([german, german, english])
    assert not mostly_foreign([german, english])
    assert not mostly_foreign([])
