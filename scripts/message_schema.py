"""The schema of the messages, as read from sim/wire/schema, and its words in C++.

A schema file holds the messages of one RPC or of one record. A field is one line of text:

    NAME TYPE VERSIONS [null:VERSIONS] [tag:N@VERSIONS] [flexible:none] [ignorable] [=DEFAULT]

with Kafka's names and types; VERSIONS is "3", "1-4", "2+". "structs" lists the nested structs, of
which "common" names those that Kafka declares apart, where a reader of them has to know. A field
that is not ignorable may be written at a version that lacks it only if it holds its default.
"""

import re

MAX_VERSION = 32767
FIXED = {"bool": 1, "int8": 1, "int16": 2, "uint16": 2, "uint32": 4, "int32": 4, "int64": 8,
         "uuid": 16, "float64": 8}
CPP = {"bool": "bool", "int8": "std::int8_t", "int16": "std::int16_t", "uint16": "std::uint16_t",
       "uint32": "std::uint32_t", "int32": "std::int32_t", "int64": "std::int64_t",
       "uuid": "Uuid", "float64": "double", "string": "std::string",
       "bytes": "std::vector<std::uint8_t>", "records": "SharedBytes"}
KEYWORDS = {"default", "operator", "delete", "new", "class", "namespace", "register", "union"}


def snake(name):
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def versions(text):
    if text in ("none", None):
        return None
    if text.endswith("+"):
        return (int(text[:-1]), MAX_VERSION)
    low, _, high = text.partition("-")
    return (int(low), int(high or low))


def within(inner, outer):
    """inner limited to outer, or None when they do not meet."""
    if inner is None:
        return None
    low, high = max(inner[0], outer[0]), min(inner[1], outer[1])
    return (low, high) if low <= high else None


def condition(inner, outer):
    """The C++ test for `v` in inner, given that it is in outer."""
    both = within(inner, outer)
    if both is None:
        return "false"
    if both == outer:
        return "true"
    tests = []
    if both[0] > outer[0]:
        tests.append(f"v >= {both[0]}")
    if both[1] < outer[1]:
        tests.append(f"v <= {both[1]}")
    return " && ".join(tests)


class Field:
    def __init__(self, line, message):
        words = line.split()
        self.json_name, self.type, self.versions = words[0], words[1], versions(words[2])
        self.nullable = self.tag = self.tagged = self.default = None
        self.ignorable = False
        self.flexible = message.flexible
        for word in words[3:]:
            if word.startswith("null:"):
                self.nullable = versions(word[5:])
            elif word.startswith("tag:"):
                tag, _, tagged = word[4:].partition("@")
                self.tag, self.tagged = int(tag), versions(tagged)
            elif word == "ignorable":
                self.ignorable = True
            elif word == "flexible:none":
                self.flexible = None
            elif word.startswith("="):
                self.default = word[1:]
            else:
                raise ValueError(f"{message.name}: {line!r}: unknown word {word!r}")
        self.name = snake(self.json_name)
        if self.name in KEYWORDS:
            self.name += "_"
        self.is_array = self.type.startswith("[]")
        self.element = self.type[2:] if self.is_array else self.type
        self.is_struct = self.element not in CPP
        self.is_optional = self.nullable is not None
        if self.is_optional and self.type in FIXED:
            raise ValueError(f"{message.name}: {line!r}: type cannot be null")

    def cpp_value_type(self):
        element = self.element if self.is_struct else CPP[self.element]
        return f"std::vector<{element}>" if self.is_array else element

    def cpp_type(self):
        value = self.cpp_value_type()
        return f"std::optional<{value}>" if self.is_optional else value

    def null_by_default(self):
        return self.is_optional and (self.default == "null" or self.type == "records")

    def initializer(self):
        # Always one, so that designated initializers may leave fields out without a warning.
        if self.is_optional and not self.null_by_default():
            return f" = {self.cpp_value_type()}{{}}"
        if self.type not in FIXED or self.type == "uuid":
            return "{}"
        if self.default == "-2147483648":
            return " = INT32_MIN"
        return f" = {self.default or ('false' if self.type == 'bool' else '0')}"

    def is_default(self, at):
        """C++ test that the field holds its default."""
        if self.is_optional:
            if self.null_by_default():
                return f"!{at}.has_value()"
            if self.is_struct and not self.is_array:
                return f"({at}.has_value() && *{at} == {self.element}{{}})"
            return f"({at}.has_value() && {at}->empty())"
        if self.type == "bool":
            return at if self.default == "true" else f"!{at}"
        if self.type == "uuid":
            return f"{at}.is_zero()"
        if self.type in FIXED:
            value = self.initializer().removeprefix(" = ")
            return f"{at} == {value}"
        if self.is_struct and not self.is_array:
            return f"{at} == {self.element}{{}}"
        return f"{at}.empty()"


class Message:
    def __init__(self, spec, schema):
        self.name, self.schema = spec["name"], schema
        self.versions = versions(spec["versions"])
        self.flexible = within(versions(spec["flexible"]), self.versions)
        self.deprecated = versions(spec.get("deprecated"))
        self.unstable_latest = spec.get("unstable_latest", False)
        self.structs = {name: [Field(line, self) for line in lines]
                        for name, lines in spec.get("structs", {}).items()}
        self.fields = [Field(line, self) for line in spec["fields"]]
        self.spec = spec
        self.file = snake(self.name)
        for name, fields in list(self.structs.items()) + [(self.name, self.fields)]:
            for field in fields:
                if field.is_struct and field.element not in self.structs:
                    raise ValueError(f"{self.name}: no struct {field.element}")
                if field.tagged and within(field.tagged, self.versions) is None:
                    raise ValueError(f"{self.name}: {name}.{field.name}: tag in no version")

    def schema_lines(self):
        """The schema as lines of text: the flexible versions, the fields, then each struct's, which
        Kafka declares either in place or in common."""
        lines = ["flexible " + self.spec["flexible"], *self.spec["fields"]]
        for name, fields in self.spec.get("structs", {}).items():
            kind = "common" if name in self.spec.get("common", []) else "struct"
            lines += [f"{kind} {name}", *fields]
        return lines

    def structs_in_order(self):
        """Nested structs, those that others hold first."""
        done = []

        def visit(name):
            for field in self.structs[name]:
                if field.is_struct and field.element not in done:
                    visit(field.element)
            if name not in done:
                done.append(name)

        for name in self.structs:
            visit(name)
        return [(name, self.structs[name]) for name in done]
