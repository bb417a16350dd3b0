"""Names of made-up companies and people. Domains end in `.example`, which nobody can own."""

from __future__ import annotations

from sg_assets.sandbox.company.dice import number

COLOURS = (
    "Amber", "Azure", "Birch", "Bright", "Cedar", "Clear", "Cobalt", "Copper", "Coral", "Crimson", "Ember", "Fern",
    "Flint", "Golden", "Granite", "Harbor", "Hazel", "Indigo", "Iron", "Ivory", "Jade", "Juniper", "Linden",
    "Lunar", "Maple", "Marble", "Misty", "Noble", "North", "Olive", "Onyx", "Opal", "Pine", "Quartz", "River",
    "Saffron", "Sierra", "Silver", "Solar", "Topaz",
)  # fmt: skip
THINGS = (
    "Anchor", "Arrow", "Beacon", "Bridge", "Brook", "Canyon", "Castle", "Compass", "Crane", "Delta", "Falcon",
    "Field", "Forge", "Garden", "Gate", "Grove", "Haven", "Heron", "Hill", "Island", "Kestrel", "Lake", "Lantern",
    "Ledge", "Meadow", "Mill", "Otter", "Peak", "Pier", "Pond", "Ridge", "Rock", "Sail", "Shore", "Spring", "Stone",
    "Tower", "Valley", "Wharf", "Willow",
)  # fmt: skip
TRADES = (
    "Bank", "Energy", "Foods", "Games", "Health", "Insurance", "Labs", "Logistics", "Media", "Motors", "Robotics",
    "Systems",
)  # fmt: skip
FIRST_NAMES = (
    "Ada", "Amir", "Anika", "Bao", "Bea", "Carlos", "Chidi", "Clara", "Dana", "Diego", "Elif", "Emil", "Farah",
    "Felix", "Greta", "Hana", "Hugo", "Ines", "Ivan", "Jun", "Kavya", "Kofi", "Lars", "Leila", "Lin", "Luca",
    "Mara", "Mei", "Mina", "Nadia", "Noor", "Omar", "Paula", "Petra", "Priya", "Ravi", "Rosa", "Sami", "Sofia",
    "Sven", "Tara", "Tomas", "Uma", "Vera", "Wei", "Yara", "Yusuf", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Almeida", "Berg", "Bianchi", "Castillo", "Chen", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia",
    "Haddad", "Hansen", "Ito", "Ivanova", "Jensen", "Kaya", "Kim", "Kowalski", "Larsen", "Lopez", "Meyer", "Moreau",
    "Nakamura", "Novak", "Okafor", "Olsen", "Ortiz", "Park", "Patel", "Popov", "Rossi", "Sato", "Schmidt", "Silva",
    "Singh", "Svensson", "Tanaka", "Torres", "Usman", "Vargas", "Weber", "Wong", "Yilmaz",
)  # fmt: skip
TITLES = (
    "Software Engineer", "Staff Engineer", "Engineering Manager", "Head of Platform", "DevOps Engineer", "CTO",
    "Director of Engineering", "Developer Experience Lead", "Security Engineer", "Procurement Manager",
)  # fmt: skip
FREE_MAIL = "gmail.com"


def company_name(seed: int, position: int) -> str:
    """The name of the company at a position: different for every position of one seed."""
    shift = number(seed, "names")
    colours, things, trades = len(COLOURS), len(THINGS), len(TRADES)
    # A walk whose step shares no factor with the number of names visits every name once.
    place = (shift + position * 7_907) % (colours * things * trades)
    colour, place = divmod(place, things * trades)
    thing, trade = divmod(place, trades)
    return f"{COLOURS[colour]} {THINGS[thing]} {TRADES[trade]}"


def domain_of(name: str) -> str:
    """The company's domain."""
    return "".join(letter for letter in name.lower() if letter.isalnum()) + ".example"


def free_mail_address(first_name: str, last_name: str) -> str:
    """An address at a free-mail provider; the provider allows no underscore, so nobody has it."""
    return f"{first_name}_{last_name}@{FREE_MAIL}".lower()
