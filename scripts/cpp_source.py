"""A light reading of C++ for tidy.py: code without comments and literals, functions, variables.

It is no parser. It follows braces, which is enough for code in the project's format, and it never
needs a build. Lines count from 1 everywhere.
"""

import bisect
import re
from typing import NamedTuple

# Number literals come first, for their digit separators would pass for the quotes of a character.
LITERAL = re.compile(
    r"""(?P<number>\b\d[\w.]*(?:'\w+)*)
      | //[^\n]* | /\*.*?\*/
      | (?:u8|[uUL])?\bR"(?P<mark>[^ ()\\\s]{0,16})\(.*?\)(?P=mark)"
      | "(?:\\.|[^"\\\n])*"
      | '(?:\\.|[^'\\\n])+'""", re.VERBOSE | re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
PUNCTUATION = re.compile(r"[{}();]")
BRACES = re.compile(r"\{[^{}]+\}")
PARENTHESES = re.compile(r"\(([^()]*)\)")
ANGLES = re.compile(r"<[^<>]*>")
OPERATOR = re.compile(r"\boperator\s*(?:\(\s*\)|\[\s*\]|[^\s\w(]+)")
# A group in parentheses stands reduced to these two around its number.
OPEN, CLOSE = "\x01", "\x02"
NO_VARIABLE = {"using", "typedef", "template", "friend", "class", "struct", "enum", "union",
               "namespace", "static_assert", "concept"}
LOCAL_STATIC = re.compile(r"(?:[;{}]|\A)\s*((?:static|thread_local)\b[^;{}=]*)[;{=]")


class Function(NamedTuple):
    name: str
    line: int  # where its head begins
    body_lines: int  # line breaks between the braces of its body
    parameters: int


class Variable(NamedTuple):
    line: int
    text: str  # its declaration without the initializer
    mutable: bool


def blank(text):
    """Spaces for all of it but its line breaks."""
    return re.sub(r"[^\n]", " ", text)


def without_literals(text):
    """The code of a file: comments and the insides of string and character literals are blank."""
    return LITERAL.sub(lambda m: m[0] if m["number"] else blank(m[0]), text)


def repeat(pattern, replacement, text):
    """Substitutes from the inside out, until nothing is left to substitute."""
    count = 1
    while count:
        text, count = pattern.subn(replacement, text)
    return text


def without_templates(text):
    return repeat(ANGLES, " ", text)


def reduce(head):
    """The head with the insides of angle brackets and braces gone and its groups in parentheses
    numbered; and those groups."""
    groups = []

    def numbered(found):
        groups.append(found[1])
        return f"{OPEN}{len(groups) - 1}{CLOSE}"

    head = OPERATOR.sub("operator_", head).replace("->", "  ")
    head = repeat(PARENTHESES, numbered, repeat(BRACES, "{}", head))
    return without_templates(head), groups


def is_mutable(declaration):
    """Whether what is declared can be assigned to; the declaration is reduced."""
    if re.search(r"\b(constexpr|consteval)\b", declaration):
        return False
    _, star, after = declaration.rpartition("*")
    return re.search(r"\bconst\b", after if star else declaration) is None


class Reader:
    """Walks a file's scopes once and fills `functions` and `variables`."""

    def __init__(self, text):
        self.functions, self.variables = [], []
        self._code = DIRECTIVE.sub(lambda m: blank(m[0]), without_literals(text))
        self._breaks = [m.start() for m in re.finditer("\n", self._code)]
        self._marks = [(m.start(), m[0]) for m in PUNCTUATION.finditer(self._code)]
        self._partner = self._partners()
        self._walk(0, len(self._marks), 0, "namespace")

    def _line(self, position):
        return bisect.bisect_left(self._breaks, position) + 1

    def _first_line(self, begin, end):
        head = self._code[begin:end]
        return self._line(begin + len(head) - len(head.lstrip()))

    def _partners(self):
        """From the mark that opens a brace to the one that closes it."""
        partner, still_open = {}, []
        for at, (_, mark) in enumerate(self._marks):
            if mark == "{":
                still_open.append(at)
            elif mark == "}" and still_open:
                partner[still_open.pop()] = at
        return partner

    def _walk(self, mark, end, head, scope):
        depth = 0
        while mark < end:
            position, kind = self._marks[mark]
            if kind in "()":
                depth += 1 if kind == "(" else -1
            elif kind == ";" and depth == 0:
                self._declaration(head, position, scope)
                head = position + 1
            elif kind == "{":
                close = self._partner.get(mark, end - 1)
                inside = self._block(head, mark, close) if depth == 0 else None
                if inside in ("namespace", "type"):
                    self._walk(mark + 1, close, position + 1, inside)
                if inside is not None:
                    head = self._marks[close][0] + 1
                mark = close
            mark += 1

    def _block(self, head, mark, close):
        """What the brace opens: namespace, type or function; None for an initializer."""
        begin, finish = self._marks[mark][0], self._marks[close][0]
        text, groups = reduce(self._code[head:begin])
        text = re.sub(r"\b(public|private|protected)\s*:(?!:)", " ", text)
        if re.search(r"\bnamespace\b[\w:\s]*$|\bextern\s*$", text):
            return "namespace"
        declared = text.split("=")[0]
        if "=" not in text and re.search(r"\b(class|struct|union|enum)\b", text):
            return "type"
        # In a list of member initializers only the body's brace comes after a closed group.
        in_members = re.search(rf"{CLOSE}\s*(noexcept\s*)?:(?!:)", text)
        if "=" in text or OPEN not in declared:
            return None
        if in_members and text.rstrip()[-1] not in CLOSE + "}":
            return None
        name, parameters = self._signature(text, groups)
        self.functions.append(Function(name, self._first_line(head, begin),
                                       self._line(finish) - self._line(begin), parameters))
        body = without_literals(self._code[begin + 1:finish])
        for found in LOCAL_STATIC.finditer(body):
            self._variable(found[1], begin + 1 + found.start(1))
        return "function"

    def _signature(self, text, groups):
        for found in re.finditer(rf"([~\w]+)\s*{OPEN}(\d+){CLOSE}", text):
            if found[1] not in ("decltype", "alignas", "explicit", "requires", "noexcept"):
                inside = without_templates(groups[int(found[2])]).strip()
                return found[1], 0 if inside in ("", "void") else inside.count(",") + 1
        return "?", 0

    def _declaration(self, begin, end, scope):
        text = self._code[begin:end]
        text = re.sub(r"\b(public|private|protected)\s*:(?!:)", lambda m: blank(m[0]), text)
        if scope == "namespace" or re.match(r"\s*(inline\s+)?(static|thread_local)\b", text):
            self._variable(text, begin + len(text) - len(text.lstrip()))

    def _variable(self, text, position):
        declared = re.split(r"[={]", reduce(text)[0])[0]
        words = declared.split()
        if OPEN in declared or len(words) < 2 or not NO_VARIABLE.isdisjoint(words):
            return
        self.variables.append(Variable(self._line(position), " ".join(words),
                                       is_mutable(declared)))
