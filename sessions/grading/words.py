"""Word lists and spelling rules of the lexical method. Data only; English only.

Kept short and general on purpose: rarity comes from the question itself, these lists only say which words carry
nothing (stop words), little (fillers), or turn a statement round (negators).
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS = _words(
    """
    a an the this that these those there here it its itself i me my mine myself we us our ours ourselves you your
    yours yourself he him his she her hers they them their theirs themselves one ones who whom whose which what when
    where why how and or but nor so yet if then else than as because since while although though whereas unless until
    of in on at by to for from with into onto upon about over under between among through during before after above
    below within across against per via towards toward around along out off up down again further once
    be am is are was were been being do does did doing done have has had having will would shall should can could may
    might must ought let lets not no never none neither cannot
    very too just also even still only own same such both each every either some any all few more most other another
    much many lot lots quite rather really maybe perhaps however therefore thus hence moreover e.g i.e eg ie etc vs
    don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't couldn't shouldn't haven't hasn't hadn't
    i'm i'd i've i'll we're we've we'd you're they're it's that's there's let's what's
    """
)

# Carry little by themselves in a technical answer.
FILLERS = _words(
    """
    use uses used using usage make makes making made get gets getting got give gives given take takes taken go goes
    going need needs needed want wants look looks see seen say says said think know known mean means call called
    thing things way ways case cases example examples instance kind kinds type types sort part parts point points
    good better best bad worse worst big bigger large larger small smaller high higher low lower great new old right
    wrong important different similar certain several various first second next last less least enough well
    problem problems approach approaches method methods technique techniques solution solutions answer question idea
    model models data value values result results number numbers set sets system systems process
    increase increases decrease decreases change changes help helps happen happens work works become becomes keep
    keeps start show shows find finds try apply add adds based
    """
)

# Said in most interviews about machine learning, whatever the question: every one of them stands in about a fifth or
# more of this project's own questions and reference answers.
COMMON_WORDS = _words(
    """
    time test without score instead measure measures learn learning check train training compare ask asks cost costs
    predict prediction predictions feature features whether explain error errors week weeks limit limits day days back
    differ difference label labels later come comes log logs month months run runs rate rates position share random
    miss missing single average split decide group groups report effect effects follow evaluate evaluation fix real
    live correct step steps separate sample samples end move order count counts people decision review depend depends
    rank customer customers serve serving often input stop monitor full cause causes far remove weight weights read
    probably probability near fit target leave alone tell minute minutes baseline recent handle validation estimate
    fresh hour hours output record records goal threshold stay level name rest version user users product action year
    years team scale design size compute expect expected state describe other drop code plan arrive row rows rule rules
    gap long return metric metrics main content present risk list reduce already cut person fail item items raise
    accuracy earlier propose write build outcome close matter hold exist include strong match like trade final combine
    fall
    """
)

# "Without" is left out: it mostly states a condition ("without scaling, distances are meaningless").
NEGATORS = _words(
    """
    not no never none neither nor cannot nothing hardly
    don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't couldn't shouldn't haven't hasn't hadn't
    dont doesnt didnt isnt arent wasnt werent wont wouldnt cant couldnt shouldnt
    """
)
# "Not only", "not just", "no longer", "no matter" state something; the word after the negator decides.
NEGATORS_DISARMED_BY = frozenset({"only", "just", "necessarily", "longer", "matter", "doubt", "merely", "simply"})

# One form for what is written in several ways. Applied to answers and phrasings alike.
SAME_WORD = {
    "%": "percent", "cent": "percent", "pct": "percent",
    "zero": "0", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "twice": "2", "hundred": "100", "thousand": "1000", "half": "0.5",
    "centre": "center", "catalogue": "catalog", "judgement": "judgment", "licence": "license", "defence": "defense",
    "grey": "gray", "metre": "meter", "programme": "program", "fulfil": "fulfill", "artefact": "artifact",
    "ageing": "aging", "analysis": "analyze", "analyses": "analyze",
}  # fmt: skip
# Letters that a word must have, the pattern, its replacement.
SPELLING = (
    ("our", r"(behavi|col|fav|neighb|lab|hon|rum|hum|vig|harb|endeav|arm)our", r"\1or"),
    ("is", r"^(\w{2,})is(e|es|ed|er|ers|ing|ation|ations|able)$", r"\1iz\2"),
    ("ys", r"^(\w{3,})ys(e|ed|er|ers|ing)$", r"\1yz\2"),
)
# "-ise" by origin; turning them would part them from "precision", "noisy", "promising".
KEEP_ISE = tuple(
    _words(
        """
        advis aris basis bias compris compromis concis crisis cruis devis disguis enterpris exercis expertis franchis
        improvis likewis merchandis miss nois otherwis pois prais precis premis promis rais revis ris suffic supervis
        surpris televis treatis vis wis
        """
    )
)
