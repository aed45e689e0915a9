"""What messengers write themselves, in the languages most exports come in."""

import re

EDITED = re.compile(
    r"\s?\u200e?<(?:This message was edited|Diese Nachricht wurde bearbeitet\.?"
    r"|Se editó este mensaje\.?|Este mensaje fue editado|Mensagem editada"
    r"|Ce message a été modifié|Questo messaggio è stato modificato|Dit bericht is bewerkt)>\s*$"
)
MEDIA = re.compile(
    r"<(?:media|medien|multimedia|mídia|médias|attached|anhang|adjunto|anexado|pièce jointe"
    r"|allegato|bijgevoegd)\b[^>]*>"
    r"|(?:image|video|audio|sticker|gif|document|contact card|video note) omitted"
    r"|(?:bild|video|audio|sticker|gif|dokument|kontaktkarte) weggelassen"
    r"|(?:imagen|vídeo|video|audio|sticker|gif|documento) omitid[oa]"
    r"|(?:imagem|vídeo|áudio|figurinha|gif|documento) (?:ocult[oa]|omitid[oa])"
    r"|(?:image|vidéo|audio|sticker|gif|document) absente?"
    r"|\S[^/\n]{0,120}\.\w{2,5} \((?:file attached|datei angehängt|archivo adjunto"
    r"|arquivo anexado|fichier joint|file allegato)\)",
    re.IGNORECASE,
)
DELETED = re.compile(
    r"this message was deleted\.?|you deleted this message\.?"
    r"|du hast diese nachricht gelöscht\.?|diese nachricht wurde gelöscht\.?"
    r"|eliminaste este mensaje\.?|se eliminó este mensaje\.?|este mensaje fue eliminado\.?"
    r"|mensagem apagada\.?|você apagou esta mensagem\.?|esta mensagem foi apagada\.?"
    r"|ce message a été supprimé\.?|vous avez supprimé ce message\.?"
    r"|questo messaggio è stato eliminato\.?",
    re.IGNORECASE,
)
SYSTEM = re.compile(
    r"end-to-end encrypted|ende-zu-ende-verschlüsselt|cifrados? de extremo a extremo"
    r"|criptografia de ponta a ponta|chiffrés? de bout en bout"
    r"|changed (?:the |this )?(?:group(?:'s)? |their )?"
    r"(?:subject|name|icon|description|phone number)"
    r"|created (?:this )?group|(?:was|were) added|\badded you\b|joined using|changed to \+"
    r"|security code|left$|\bremoved\b.{1,60}$|pinned a message|now an admin|disappearing messages"
    r"|missed (?:voice|video|group) call|(?:voice|video) call\b"
    r"|hat die gruppe|hat den betreff|hinzugefügt|hat die gruppe verlassen|sicherheitsnummer"
    r"|creó (?:el|este) grupo|cambió el asunto|salió del grupo|criou (?:o|este) grupo"
    r"|a créé (?:le|ce) groupe|a quitté",
    re.IGNORECASE,
)
# What only a group's notices hold, before the colon of a title: `changed the subject to "A: B"`.
LONGEST_NOTICE = 400
MEDIA_ENDS = (">", ")")
# The last four letters of "image omitted", "Bild weggelassen", "imagen omitida", "vídeo oculto".
MEDIA_WORDS = frozenset({"tted", "ssen", "tido", "tida", "ulto", "ulta", "sent", "ente"})
LONGEST_DELETED = 60


def is_media(line: str) -> bool:
    """Whether a message's first line stands for a picture, a sound or a file."""
    said = line.strip()
    # Nearly every message ends otherwise, and looking at the end costs next to nothing.
    if not said.endswith(MEDIA_ENDS) and said[-4:].lower() not in MEDIA_WORDS:
        return False
    return MEDIA.fullmatch(said.lstrip("\u200e")) is not None


def is_deleted(line: str) -> bool:
    """Whether a message was taken back."""
    said = line.strip()
    return len(said) <= LONGEST_DELETED and DELETED.fullmatch(said) is not None


def edited_from(said: str) -> int | None:
    """Where the mark begins that says that a message was edited; None where there is none."""
    if not said.rstrip().endswith(">"):
        return None
    match = EDITED.search(said)
    return None if match is None else match.start()


def is_system(line: str) -> bool:
    """Whether the messenger says it and no person."""
    return SYSTEM.search(line[:LONGEST_NOTICE]) is not None
