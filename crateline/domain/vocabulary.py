"""The words that tell versions apart, as tables: what a DJ reads in a title without thinking, in several languages.

Alternatives are separated by bars; a star stands for any ending ("acoust*": acoustic, acoustique). They are folded
before use, so accents and capitals do not matter, and scripts other than Latin are spelled as `folding.fold` spells them.
"""

import re
from enum import StrEnum

from crateline.domain.folding import fold


class Kind(StrEnum):
    """What makes a version another recording."""

    LIVE = "live"
    COVER = "cover or karaoke"
    INSTRUMENTAL = "instrumental"
    ACAPELLA = "acapella"
    ACOUSTIC = "acoustic"
    SPEED = "sped up"
    SLOW = "slowed"
    EFFECT = "changed sound"
    REMIX = "remix"
    MASHUP = "mashup"
    VIP = "VIP"
    DUB = "dub"
    SET = "DJ set or loop"
    EXCERPT = "teaser or preview"
    DEMO = "demo"
    STEM = "stem"
    ABOUT = "not the music itself"
    EXTENDED = "extended"
    RADIO = "radio edit"
    CLEAN = "clean"
    ALTERNATE = "alternate take"
    MONO = "mono or stereo"


SAME_IF_AS_LONG = frozenset({Kind.EXTENDED, Kind.RADIO})
SOFT = SAME_IF_AS_LONG | {Kind.CLEAN, Kind.ALTERNATE, Kind.MONO}
HARD = frozenset(Kind) - SOFT

PHRASES: dict[Kind, str] = {
    Kind.LIVE: "livemitschnitt|live version|live performance|concert|concierto|concerto|konzert*|koncert*|ao vivo|en vivo|"
    "en directo|en direct|abschiedskonzert|"
    "dal vivo|na zywo|uzivo|nazivo|na zivo|zive|elo koncert|canli|en concert|tiny desk|kexp|on stage|"
    "session|sessions|peel session|peel sessions|bbc session|bbc sessions|spotify session|spotify sessions|spotify singles|"
    "apple music live|daytrotter session|black session|black sessions|itunes session|"
    "tour|fest|festival|stadium|coachella|glastonbury|tomorrowland|awakenings|time warp|timewarp|"
    "creamfields|lollapalooza|primavera|dekmantel|roskilde|rock am ring|fuji rock|montreux|defqon 1|qlimax|printworks|"
    "red rocks|"
    "royal albert hall|madison square garden|wembley|brixton academy|jools holland|vma|vmas|grammys|brit awards|alive 1997|"
    "alive 2007|cercle|colors show|maida vale|take away show|like a version|audiotree|mtv unplugged|"
    "концерт*|живой звук|живое выступление|"
    "живая версия|вживую|в живую|лайв|ライブ|ライヴ|生演奏|라이브|現場版|现场版|現場|现场|演唱會|演唱会|"
    "حفل*|مباشر|לייב|בהופעה|ζωντανα",
    Kind.COVER: "cover|covers|covered|coverversion*|karaoke*|caraoke|tribute|originally performed|made popular|made famous|"
    "in the style of|as performed by|rendition|emulation|8 bit|16 bit|chiptune|tutorial|sing along|lullaby|music box|"
    "string quartet|choir|chorale|chor version|reprise par|reprise de|nachgespielt|drum cover|bass cover|guitar cover|"
    "parody|parodia|drum playthrough|piano cover|versao cover|version cover|coverowa|"
    "קריוקי|קאבר|カバー|カヴァー|カラオケ|歌ってみた|弾いてみた|叩いてみた|弾き語り|オルゴール|"
    "караоке|кавер|перепевка|노래방|커버|翻唱|卡拉ok|διασκευη|καραοκε",
    Kind.INSTRUMENTAL: "instrumental*|instrumentaal|inst|instr|no vocals|without vocals|off vocal|minus one|backing track|"
    "base musical|base strumentale|strumentale|enstrumantal|karaoke track|playback|минус|минусовка|инструментал*|"
    "インスト|インストゥルメンタル|オフボーカル|반주|伴奏|純音樂|纯音乐",
    Kind.ACAPELLA: "acapella*|acappella*|acapela|accapella*|a cappella|a capella|pella|acca|acap|mr removed|mr 제거|"
    "vocals only|vocal only|"
    "only vocals|isolated vocals|vocal stem|акапелла|アカペラ|아카펠라",
    Kind.ACOUSTIC: "acoust*|acustic*|akust*|unplugged|stripped|orchestral|symphonic|orchestra version|piano version|"
    "guitar version|solo piano|акустик*|акустическ*|アコースティック|어쿠스틱|不插电",
    Kind.SPEED: "sped|sped up|speed up|speedup|spedup|nightcore|higher key|lower key|pitched|pitch up|high pitch|45 rpm|"
    "acelerad*|velocizzat*|ускоренн*|faster version|chipmunk|chipmunks|helium|double speed|tiktok|tik tok",
    Kind.SLOW: "slowed|slowed down|reverb|daycore|chopped|screwed|pitch down|low pitch|33 rpm|ralenti*|rallentat*|verlangsamt|"
    "замедленн*|медленно|слоу|slower version|deeper version",
    Kind.EFFECT: "8d|9d|16d|3d audio|432hz|432 hz|bass boosted|bassboosted|earrape|muffled|underwater|empty arena|empty mall|"
    "from another room|but youre|but you are|but your|but its|but it is|reversed|backwards|lofi|lo fi",
    Kind.MASHUP: "mashup*|mash up|mash ups|megamix|mega mix|medley|мэшап|マッシュアップ",
    Kind.VIP: "vip|v i p",
    Kind.DUB: "dub|dubs|dubmix|dubplate|dubapella|dubappella",
    Kind.SET: "mixtape|podcast|b2b|liveset|dj set|dj mix|live set|mixed by|continuous mix|full album|full set|full ep|"
    "boiler room|essential mix|guest mix|1 hour|one hour|10 hours|10 hour|2 hours|3 hours|hour loop|hour version|1h|"
    "radio show|mixset|nonstop|non stop|radio rip|set rip|mix rip|live rip|show rip|stream rip|mix cut|mixcut|set cut|"
    "with mc|w mc",
    Kind.EXCERPT: "teaser|preview|snippet|excerpt|trailer|sneak peek|previa|anteprima|apercu|extrait|ausschnitt|vorschau|"
    "horprobe|best part|good part|drop only|whatsapp status|short clip|adelanto|estratto|fragment*|тизер|превью|"
    "отрывок|30 sec|30 seconds|30s|60 sec|1 min|minimix|ringtone|試聴|預告",
    Kind.DEMO: "demo|demos|wip|outtake|rehearsal|work in progress|rough mix|rough cut|unfinished|leaked|leak|maqueta|"
    "probe|демо|"
    "デモ|데모|proberaum|early take|first take|sketch|rough draft|draft|unmastered|"
    "premaster|pre master|ruff mix",
    Kind.STEM: "stem|stems|drum loop|drum loops|loop|loops|drum stem|drums only|drumless|no drums|bassline only|"
    "multitrack|midi|"
    "sample pack|bonus beats|percapella|drumapella|beatapella|synthapella",
    Kind.ABOUT: "reaction|reacts|lesson|how to play|how to make|making of|behind the scenes|remake|breakdown|explained|"
    "interview|documentary|dance practice|choreography|type beat|unboxing|review|bts|gameplay|fan made video|flashmob",
    Kind.EXTENDED: "extended|extendet|xtended|ext|12 inch|12inch|full length|long version|long mix|version longue|"
    "longue version|"
    "version extendida|version larga|versione estesa|estendida|langfassung|lange version|расширенн*|полная версия|dj edit|"
    "dj version|dj tool|dj friendly|mixshow|intro edit|intro version|intro clean|intro dirty|hype intro|quick hitter|"
    "transition",
    Kind.RADIO: "7 inch|7inch",
    Kind.MONO: "mono|stereo",
    Kind.CLEAN: "clean|censored|super clean|edited version",
    Kind.ALTERNATE: "alternate|alternative|mixed|rerecorded|re recorded|reprise|interlude|skit|"
    "alt version|new version|neue version|nouvelle version|nueva version|nuova versione|"
    "early version|reissue edit|no rap|without rap|solo version|"
    "english version|spanish version|french version|german version|italian version|"
    "japanese version|korean version|chinese version|russian version|portuguese version|version francaise|"
    "version espanol|version en espanol|deutsche version|japanese ver|english ver|unreleased|unreleased id",
}
"""What a bracket, what follows a dash, or the end of a title says of the version."""

EXACT: dict[str, Kind] = {"mr": Kind.INSTRUMENTAL, "id": Kind.ALTERNATE, "clip": Kind.EXCERPT, "orchestra": Kind.ACOUSTIC}
"""Words that say something only where nothing else stands in the brackets."""

ANYWHERE: dict[Kind, str] = {
    Kind.LIVE: "live at|live from|live in concert|live on|live lounge|tiny desk|colors show|maida vale|unplugged|"
    "ao vivo|en vivo|"
    "dal vivo|en directo|in concert",
    Kind.COVER: "karaoke*|in the style of|originally performed by|made famous by|made popular by|tribute to|tribute band|"
    "tribute by|tribute act|tribute show|"
    "lullaby rendition|"
    "kari okey|piano tutorial|guitar tutorial|drum cover|bass cover|guitar cover|piano cover|violin cover|cello cover|"
    "歌ってみた|弾いてみた|叩いてみた|カラオケ|오르골|노래방|караоке|קריוקי|翻唱",
    Kind.INSTRUMENTAL: "off vocal|минусовка|オフボーカル|伴奏|backing track|no vocals",
    Kind.ACAPELLA: "vocals only|isolated vocals",
    Kind.SPEED: "nightcore|sped up|speed up",
    Kind.SLOW: "daycore|slowed reverb|slowed and reverb|slowed down|33 rpm",
    Kind.EFFECT: "8d audio|8d music|bass boosted|432 hz|432hz|but youre in|from another room",
    Kind.SET: "dj set|boiler room|live set|essential mix|mixtape|b2b|1 hour|10 hours|full album|full ep",
    Kind.EXCERPT: "30 sec|30 seconds|sneak peek|snippet",
    Kind.ABOUT: "reaction|how to play|how to make|guitar lesson|piano lesson|type beat|making of|behind the scenes|"
    "fl studio remake|dance practice|ableton remake",
}
"""Words that are no part of a piece's name wherever they stand, unless the other side uses them too."""

CHANNELS: dict[Kind, str] = {
    Kind.COVER: "karaoke*|caraoke|sing2piano|sing2music|sing king|tribute|tributes|covers|cover|cover band|lullaby|lullabies|"
    "string quartet|piano tribute|8 bit|music box|kidz bop|rockabye|hit crew|party tyme|ameritz|nursery|קריוקי|караоке|カラオケ|"
    "노래방|翻唱",
    Kind.SPEED: "nightcore*|sped up|speed up",
    Kind.SLOW: "slowed*|daycore|slow reverb",
    Kind.EFFECT: "8d|bass boosted",
    Kind.INSTRUMENTAL: "instrumentals|type beat|type beats|backing tracks|minusovki",
    Kind.ACAPELLA: "acapellas|acapella archive",
}
"""What an uploader's name gives away."""

ALBUMS: dict[Kind, str] = {
    Kind.LIVE: "live at|live in|live from|live on|live magic|live recording|live recordings|live album|live documentary|"
    "live tour|live session|live sessions|tour recording|world tour|unplugged|in concert|ao vivo|en vivo|en directo|dal vivo|"
    "peel session|peel sessions|bbc session|bbc sessions|rock montreal|budokan|fillmore|hollywood bowl|red rocks|bains douches|"
    "royal albert hall|madison square garden|wembley|glastonbury|montreux|alive 1997|alive 2007",
    Kind.COVER: "karaoke*|tribute to|a tribute|tributes|in the style of|made famous by|made popular by|originally performed by|"
    "lullaby renditions|lullaby versions|string quartet|workout mix|workout remix*|kidz bop",
    Kind.INSTRUMENTAL: "instrumentals|backing tracks",
    Kind.ACAPELLA: "acapellas|acappellas",
    Kind.SPEED: "nightcore|sped up",
    Kind.SLOW: "slowed|slowed reverb",
}
"""What an album's name says of every track on it."""

TAILS: dict[Kind, str] = {
    Kind.SPEED: "sped up|speed up|nightcore",
    Kind.SLOW: "slowed(?: and)?(?: \\W ?)?(?: ?reverb)?",
    Kind.EFFECT: "bass boosted|8d(?: audio)?|lo-?fi(?: version)?",
    Kind.ACOUSTIC: "acoustic(?: version)?|unplugged",
    Kind.COVER: "karaoke(?: version)?|cover version|piano cover|guitar cover|drum cover|(?:vocal )?cover",
    Kind.ACAPELLA: "acapella|a cappella|acappella",
    Kind.INSTRUMENTAL: "instrumental(?: version)?",
    Kind.MASHUP: "mash ?up",
    Kind.VIP: "vip(?: mix)?",
    Kind.EXTENDED: "extended(?: mix| version)?|club mix|12(?:\"|''| ?inch)(?: mix| version)?",
    Kind.RADIO: "radio (?:edit|mix|version)|7(?:\"|''| ?inch)(?: mix| version| edit)?",
    Kind.REMIX: "remix|rmx|bootleg|rework|refix|ремикс|リミックス|리믹스",
    Kind.LIVE: "live (?:@|at|in concert|from|version|session|in the live lounge)\\b.*|in the live lounge|ao vivo|en vivo",
    Kind.EXCERPT: "teaser|preview|snippet",
}
"""What stands at a title's end without brackets; patterns of the text as written, in any case of letters."""

STRONG_HEADS = (
    "remix|remixed|remixes|rmx|bootleg|rework|reworked|refix|refixed|re fix|reedit|re edit|flip|rebuild|remodel|rerub|edit by|"
    "re amp|reamp|reinterpretation|reinterpreted|reimagined|reimagination|re imagined|reconstruction|deconstruction|revision|"
    "revisited|treatment|redux|re rub|retouch|refreak|rewire|rebirth|recut|re cut|re work|reboot|reinvention|rehash|blend|"
    "ремикс|רמיקס|リミックス|리믹스|remezcla|remezclado|混音"
)
"""Words after (or before) which a remixer's name stands, and which alone make another recording."""

WEAK_HEADS = "mix|edit|version|variation|versione|versao|wersja|versjon|fassung|ver|cut"
FRONT_HEADS = "version|versione|versao|wersja|versjon|версия"
"""Words that make a version by whoever is named before them; alone they say nothing."""

NOISE = (
    "1080p|720p|2k|best quality|audio only|stream|official stream|subtitulado|subtitulada|sub espanol|legendado|"
    "legenda|traducao|"
    "vietsub|sub indo|320 kbps|kbps|320k|dolby atmos|atmos|spatial audio|unofficial|fan|fanvideo|animated|animation|short film|"
    "tiktok song|nowosc|novinka|novo|nuevo|neu|nouveaute|nuovo|yeni|estreno|premiera|lancamento|teledysk|oficjalny|"
    "resmi|klip|offisiell|"
    "officiell|officiele|virallinen|musikvideo|oficialni|премьера|новинка|премьера клипа|art track|pseudo|static|"
    "still|cover art|official|officiel|officielle|oficial|ufficiale|offizielles|"
    "offiziell|music|musik|lyric|lyrics|with lyrics|visualizer|"
    "visualiser|audio|video|videoclip|hd|hq|uhd|4k|8k|1080p|720p|free|download|free dl|dl|d l|out now|premiere|exclusive|"
    "explicit|dirty|uncensored|original|orig|album|lp|ep|main|studio|full|remaster*|remasteriz*|digital|mono|stereo|bonus|"
    "track|deluxe|edition|"
    "anniversary|expanded|soundtrack|ost|score|motion picture|movie|film|m v|mv|pv|uncut|song|letra|testo|songtext|"
    "paroles|tekst|"
    "text|tekstowo|sozleri|מילים|clip|clipe|visual|version|mix|edit|single|on screen|album cut|upload|uploaded|"
    "12 vinyl|7 vinyl|subtitles|with subtitles|sub|"
    "vinyl|vinyl rip|rip|flac|wav|mp3|320|320kbps|high quality|hi res|hires|releases|release|released|unmixed|"
    "eng sub|english subtitles|歌詞|歌詞付き|公式|フル|뮤직비디오|가사|текст|клип|официальн*|音源|完整版|官方|動態歌詞|"
    "歌詞版|歌词版|歌词|动态歌词|高清|高音質|高音质|官方mv|中字|字幕|"
    "الاغنية الاصلية|النسخة الاصلية|الاغنية|orijinal|kayit|45 lik|45lik|הקליפ הרשמי|קליפ רשמי|επισημο|επίσημο βίντεο κλιπ"
)
"""Words that say nothing of the recording."""

NOISE_ALONE = "remaster*|remasteriz*|lyrics|lyric video|mono|stereo|hd|hq|4k|visualizer|visualiser|letra|testo|songtext|paroles"
"""Of these, the ones that are noise even as the only word after a dash."""

MUSICAL = (
    "vocal|vocals|beatless|tool|dj tool|piano|guitar|strings|orchestra|ballad|alt|part \\w+|pt \\w+|vol \\w+|volume \\w+|"
    "side \\w|afro|"
    "afro house|amapiano|gqom|3 step|techno|hard techno|tech house|deep house|melodic techno|hardstyle|hardcore|hardtek|gabber|"
    "trance|psytrance|dnb|d and b|drum and bass|jungle|breakcore|dubstep|garage|ukg|speed garage|bassline|jersey club|jersey|"
    "baltimore club|footwork|juke|drill|phonk|trap|hyperpop|lofi|lo fi|chill|baile funk|funk|guaracha|aleteo|dembow|bachata|"
    "salsa|cumbia|merengue|reggaeton|moombahton|zouk|kizomba|kompa|reggae|dancehall|jazz|metal|rock|8bit|eurodance|disco|house"
)
"""What, alone in brackets behind a title, may make a version of it."""

AT_PLACES = frozenset(
    {"ibiza", "pacha", "amnesia", "berghain", "fabric", "mykonos", "miami", "wmc", "ade", "ultra", "edc", "tulum"}
)
"""Beside a year no labels, but where somebody played."""

FILM = (
    "video|videos|videoclip|videoclipe|clip|clipe|audio|lyrics?|lyrical|letra|visuali[sz]er|hd|hq|uhd|4k|8k|1080p|"
    "720p|2k|320kbps|mv|"
    "m/v|teledysk|official"
)
AROUND_FILM = "official|officiel|oficial|ufficiale|offizielles|full|music|song|with|new|original|high quality|remastered|explicit"
"""What uploads say at their end without brackets; patterns of words as written. The second only beside the first."""

LABEL = (
    r"\b(?:releases?|records|recordings|rec|recs|music|label|discs|disques|trax|tracks)$|^from (?:the |a )?\w|"
    r"^taken from\b|^(?:del |do |dell )?(?:album|ep|lp) \w|\b(?:soundtrack|ost|score)$|\w (?:ep|lp)$"
)
LIVE_PLACE = (
    r"at|in|from|on|with|version|sessions?|performance|recording|take|video|mix|lounge|room|fm|bbc|auf|im|aus|en|fran|fra|"
    r"aux|au|chez|de|do|no|na|bei|w|u|v|\d+"
)


def any_of(words: str, around: str = r"(?<!\w)(?:{})(?!\w)") -> re.Pattern[str]:
    """A pattern for folded text that finds any of the alternatives; the longest that stands there wins."""
    folded = sorted({_ending(word) for word in words.split("|")}, key=len, reverse=True)
    return re.compile(around.format("|".join(folded)))


def _ending(word: str) -> str:
    return re.escape(fold(word.removesuffix("*"))) + (r"\w*" if word.endswith("*") else "")
