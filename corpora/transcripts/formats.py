"""Every format, in the order in which a document is asked for its signs: the sure ones first.

A new format is a module with a `Format` in it and a line here, before any format whose signs
its documents show too.
"""

from collections.abc import Mapping

from corpora.transcripts.assemblyai import ASSEMBLYAI
from corpora.transcripts.chatgpt import CHATGPT
from corpora.transcripts.chatml import CHATML
from corpora.transcripts.claude import CLAUDE
from corpora.transcripts.contact_lens import CONTACT_LENS
from corpora.transcripts.convokit import CONVOKIT
from corpora.transcripts.deepgram import DEEPGRAM
from corpora.transcripts.discord import DISCORD
from corpora.transcripts.discord_text import DISCORD_CSV, DISCORD_TEXT
from corpora.transcripts.format import Format
from corpora.transcripts.google_speech import GOOGLE_SPEECH
from corpora.transcripts.intercom import INTERCOM
from corpora.transcripts.jsonlines import JSON_LINES
from corpora.transcripts.mbox import EML, MBOX
from corpora.transcripts.messages import OPENAI, SHAREGPT
from corpora.transcripts.plain import PLAIN
from corpora.transcripts.rasa import RASA
from corpora.transcripts.rasa_stories import STORIES
from corpora.transcripts.slack import SLACK
from corpora.transcripts.subtitles import SBV, SRT, WEBVTT
from corpora.transcripts.table import CSV, TSV
from corpora.transcripts.telegram import TELEGRAM
from corpora.transcripts.transcribe import TRANSCRIBE
from corpora.transcripts.twcs import TWCS
from corpora.transcripts.whatsapp import WHATSAPP
from corpora.transcripts.whisper import WHISPER
from corpora.transcripts.zendesk import ZENDESK
from corpora.transcripts.zoom_chat import ZOOM_CHAT

FORMATS: Mapping[str, Format] = {
    format.name: format
    for format in (
        # Told by their first characters.
        WEBVTT,
        SRT,
        SBV,
        CHATML,
        DISCORD_TEXT,
        MBOX,
        EML,
        # Told by the keys of their JSON; ours last, since `text` is a key of nearly all.
        CONTACT_LENS,
        TRANSCRIBE,
        DEEPGRAM,
        GOOGLE_SPEECH,
        ASSEMBLYAI,
        WHISPER,
        SLACK,
        DISCORD,
        TELEGRAM,
        CHATGPT,
        CLAUDE,
        ZENDESK,
        INTERCOM,
        RASA,
        CONVOKIT,
        OPENAI,
        SHAREGPT,
        JSON_LINES,
        # Told by their first line, or by a vote of their lines.
        ZOOM_CHAT,
        STORIES,
        WHATSAPP,
        # Told by their header.
        TWCS,
        DISCORD_CSV,
        CSV,
        TSV,
        # Nearly everything holds colons.
        PLAIN,
    )
}
