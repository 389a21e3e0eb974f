"""The words of the imaginary catalogue: names that sound real and belong to nobody, and titles that hurt."""

ADJECTIVES = (
    "Amber", "Broken", "Crimson", "Distant", "Electric", "Fading", "Gentle", "Hidden", "Infinite", "Jagged",
    "Kinetic", "Liquid", "Magnetic", "Nocturnal", "Orbital", "Phantom", "Quiet", "Restless", "Sacred", "Tidal",
    "Ultra", "Velvet", "Weightless", "Yellow", "Zero", "Burning", "Copper", "Drifting", "Endless", "Frozen",
)  # fmt: skip
NOUNS = (
    "Avenue", "Bridge", "Canyon", "Dreams", "Engine", "Forest", "Garden", "Horizon", "Island", "Jungle",
    "Kingdom", "Lantern", "Mirror", "Neon", "Ocean", "Pyramid", "Quarter", "Reactor", "Signal", "Temple",
    "Underground", "Voyage", "Window", "Yesterday", "Zenith", "Basement", "Compass", "Diamond", "Elevator", "Festival",
)  # fmt: skip
FIRST = (
    "Marlo", "Ines", "Tobias", "Yuki", "Dario", "Selma", "Oskar", "Nadia", "Viktor", "Leila",
    "Bruno", "Camille", "Emil", "Freya", "Gustav", "Hanna", "Idris", "Jonas", "Katya", "Luca",
)  # fmt: skip
LAST = (
    "Arendt", "Bellamy", "Castellan", "Dimov", "Eklund", "Ferrante", "Gruber", "Halloran", "Ibarra", "Jansen",
    "Kowal", "Lindqvist", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Romero", "Sandoval", "Thorne",
)  # fmt: skip
CHANNELS = ("Night Shift Promo", "Warehouse Tapes", "Deep Selectors", "Lowland Records", "Dub Depot", "Sunrise Sessions")

HOSTILE = (
    "Sunset 🌅🔥 Drive 🎧",
    "AC/DC//Bootleg \\ Free DL",
    "../../etc/passwd",
    "<script>alert('crate')</script> & \"friends\"",
    "-o /tmp/owned.mp3 --exec rm",
    "Two\nLines\tand a tab",
    "\u202eesreveR\u202c (مرحبا) Mix",
    "Ω≈ç√∫ 音楽 Ünïcödé",
    "100% %(title)s %(id)s.%(ext)s ${HOME} $(id)",
    "CON.",
    "   ...   ",
    "So Long " + "very " * 60 + "Farewell",
    "'; DROP TABLE tracks; --",
    "https://evil.example.com/?a=1&b=2#x",
)  # titles as people really upload them, and as attackers would: each is one string a path or a shell must never see
