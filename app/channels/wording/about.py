"""What an excess is about, and who carries it, in words: plain text that strangers wrote some of."""

from app.channels.facts import Facts, Topic, Voice
from app.channels.text import cut, isolate, line
from app.channels.wording.words import Words

_MUCH = 0.585  # log2 of one and a half
_SHOWN, _WORDS = 3, 2


def about(facts: Facts, words: Words) -> str:
    """The topics, a line for each: its share, its words, and where it is going."""
    return "\n".join(_topic(topic, words) for topic in facts.topics[:_SHOWN])


def carried(facts: Facts, words: Words) -> str:
    """Who speaks that is heard, how many are new to the watch, and what the press has of it."""
    voices = facts.voices
    if voices is None or not voices.accounts:
        return ""
    texts = [words.say("{share} not heard here before", share=words.share(voices.new, voices.accounts))]
    if voices.press:
        texts.append(
            words.count("{n} from feeds and the press", "{n} from feeds and the press", voices.press)
        )
    texts += [_voice(voice, words) for voice in voices.leading[:1] if voice.name]
    return " · ".join(texts)


def _topic(topic: Topic, words: Words) -> str:
    arrow = "\u00a0↗" if topic.slope >= _MUCH else "\u00a0↘" if topic.slope <= -_MUCH else ""
    names = ", ".join(isolate(cut(line(word), 40)) for word in topic.words[:_WORDS])
    return f"{words.share(topic.share, 1)} {names}{arrow}"


def _voice(voice: Voice, words: Words) -> str:
    who = isolate(cut(line(voice.name), 60))
    return words.count("{who} ({n} follower)", "{who} ({n} followers)", voice.followers, who=who)
