"""The C++ of one message's codec: encoded_size, encode, decode and describe."""

from message_schema import CPP, FIXED, condition, within


class Body:
    """Lines of a function body, indented by block."""

    def __init__(self):
        self.lines, self.depth = [], 1

    def add(self, line):
        self.lines.append("    " * self.depth + line)

    def open(self, line):
        self.add(line + " {")
        self.depth += 1

    def close(self):
        self.depth -= 1
        self.add("}")

    def text(self):
        return "\n".join(self.lines) + ("\n" if self.lines else "")


class Codec:
    """The four functions of one struct of a message."""

    def __init__(self, message, name, fields):
        self.message, self.fields, self.range = message, fields, message.versions
        self.cpp_name = message.name if name is None else f"{message.name}::{name}"
        self.untagged, self.tagged = [], []
        for field in fields:
            present = within(field.versions, self.range)
            if present is None:
                continue
            tagged = within(field.tagged, present)
            if tagged:
                self.tagged.append((field, tagged))
                if tagged[0] > present[0]:
                    self.untagged.append((field, (present[0], tagged[0] - 1)))
            else:
                self.untagged.append((field, present))
        self.tagged.sort(key=lambda entry: entry[0].tag)

    def when(self, body, inner):
        """Opens an if for the versions, unless it always holds; says whether it did."""
        test = condition(inner, self.range)
        if test == "true":
            return False
        body.open(f"if ({test})")
        return True

    def flexible(self, field):
        return condition(field.flexible, self.range)

    def may_be_null(self, field, present):
        return condition(within(field.nullable, present), present)

    # -- encoded_size
    def size(self):
        body = Body()
        body.add("std::size_t n = 0;")
        for field, present in self.untagged:
            opened = self.when(body, present)
            body.add(f"n += {self.field_size(field, f's.{field.name}', False)};")
            if opened:
                body.close()
        if self.tagged:
            body.add("std::uint32_t tags = 0;")
        for field, present in self.tagged:
            test = condition(present, self.range)
            test = "" if test == "true" else test + " && "
            body.open(f"if ({test}!({field.is_default(f's.{field.name}')}))")
            body.add("++tags;")
            body.add(f"n += tagged_size({field.tag}, "
                     f"{self.field_size(field, f's.{field.name}', True)});")
            body.close()
        if self.message.flexible:
            opened = self.when(body, self.message.flexible)
            body.add(f"n += {'uvarint_size(tags)' if self.tagged else '1'};")
            if opened:
                body.close()
        body.add("return n;")
        return body.text()

    def field_size(self, field, at, tagged):
        flexible = "true" if tagged else self.flexible(field)
        if field.type in FIXED:
            return str(FIXED[field.type])
        if field.is_struct and not field.is_array:
            if field.is_optional:
                return f"({at} ? 1 + size_of(*{at}, v) : 1)"
            return f"size_of({at}, v)"
        if field.is_array and field.element in FIXED:
            return f"fixed_array_size({at}, {FIXED[field.element]}, {flexible})"
        if field.is_array and field.is_struct:
            return (f"array_size({at}, {flexible}, "
                    f"[v](const auto& e) {{ return size_of(e, v); }})")
        if field.is_array:
            captured = "" if flexible in ("true", "false") else "v"
            return (f"array_size({at}, {flexible}, [{captured}](const auto& e) "
                    f"{{ return {field.element}_size(e, {flexible}); }})")
        return f"{field.element}_size({at}, {flexible})"

    # -- encode
    def encode(self):
        body = Body()
        for field in self.fields:
            self.check_droppable(body, field)
        for field, present in self.untagged:
            opened = self.when(body, present)
            self.put(body, field, f"s.{field.name}", False)
            if opened:
                body.close()
        self.put_tagged(body)
        return body.text()

    def check_droppable(self, body, field):
        """A field that the version lacks must hold its default, unless it is ignorable."""
        present = within(field.versions, self.range)
        if field.ignorable or present == self.range:
            return
        test = condition(present, self.range)
        held = field.is_default(f"s.{field.name}")
        body.add(f"BSIM_CHECK(({test}) || ({held}));" if test != "false"
                 else f"BSIM_CHECK({held});")

    def put_tagged(self, body):
        if not self.message.flexible:
            return
        opened = self.when(body, self.message.flexible)
        if not self.tagged:
            body.add("put_uvarint(out, 0);")
        else:
            body.add("std::uint32_t tags = 0;")
            guards = {}
            for field, present in self.tagged:
                test = condition(present, self.range)
                test = "" if test == "true" else test + " && "
                guards[field] = f"{test}!({field.is_default(f's.{field.name}')})"
                body.add(f"const bool has_{field.name} = {guards[field]};")
                body.add(f"tags += has_{field.name} ? 1U : 0U;")
            body.add("put_uvarint(out, tags);")
            for field, _ in self.tagged:
                at = f"s.{field.name}"
                body.open(f"if (has_{field.name})")
                body.add(f"put_uvarint(out, {field.tag});")
                body.add("put_uvarint(out, static_cast<std::uint32_t>("
                         f"{self.field_size(field, at, True)}));")
                self.put(body, field, at, True)
                body.close()
        if opened:
            body.close()

    def put(self, body, field, at, tagged):
        flexible = "true" if tagged else self.flexible(field)
        if field.type in FIXED:
            body.add(self.put_fixed(field.type, at))
        elif field.is_struct and not field.is_array:
            if field.is_optional:
                # Kafka marks a present struct by a varint inside a tag, by a byte elsewhere.
                absent = "put_uvarint(out, 0)" if tagged else "out.put_i8(-1)"
                body.open(f"if (!{at})")
                body.add(f"{absent};")
                body.depth -= 1
                body.open("} else")
                body.add("out.put_i8(1);")
                body.add(f"put(*{at}, v, out);")
                body.close()
            else:
                body.add(f"put({at}, v, out);")
        elif field.is_array:
            self.put_array(body, field, at, flexible)
        else:
            if field.is_optional and not tagged:
                may = self.may_be_null(field, within(field.versions, self.range))
                if may != "true":
                    body.add(f"BSIM_CHECK({at}.has_value() || ({may}));")
            body.add(f"put_{field.element}(out, {at}, {flexible});")

    def put_array(self, body, field, at, flexible):
        items = at
        if field.is_optional:
            body.add(f"put_length(out, {at} ? std::optional({at}->size()) : std::nullopt, "
                     f"{flexible});")
            body.open(f"if ({at})")
            items = f"*{at}"
        else:
            body.add(f"put_length(out, {at}.size(), {flexible});")
        body.open(f"for (const auto& e : {items})")
        if field.is_struct:
            body.add("put(e, v, out);")
        elif field.element in FIXED:
            body.add(self.put_fixed(field.element, "e"))
        else:
            body.add(f"put_{field.element}(out, e, {flexible});")
        body.close()
        if field.is_optional:
            body.close()

    @staticmethod
    def put_fixed(kind, at):
        return {"bool": f"out.put_i8({at} ? 1 : 0);", "uuid": f"put_uuid(out, {at});",
                "float64": f"put_float64(out, {at});"}.get(kind, f"out.put_int({at});")

    # -- decode
    def decode(self):
        body = Body()
        for field, present in self.untagged:
            opened = self.when(body, present)
            self.take(body, field, f"s.{field.name}", self.flexible(field), present)
            if opened:
                body.close()
        if self.message.flexible:
            opened = self.when(body, self.message.flexible)
            self.take_tagged(body)
            if opened:
                body.close()
        return body.text()

    def take_tagged(self, body):
        if not self.tagged:
            body.add("skip_tagged_fields(in);")
            return
        body.open("for (auto left = static_cast<std::int32_t>(take_uvarint(in)); "
                  "left > 0 && !in.failed(); --left)")
        body.add("const std::uint32_t tag = take_uvarint(in);")
        body.add("const std::uint32_t size = take_uvarint(in);")
        body.open("switch (tag)")
        tags = {}
        for field, present in self.tagged:
            tags.setdefault(field.tag, []).append((field, present))
        for tag, choices in tags.items():
            body.open(f"case {tag}:")
            for field, present in choices:
                test = condition(present, self.message.flexible)
                if test != "true":
                    body.add(f"if (!({test})) return in.fail();")
                self.take(body, field, f"s.{field.name}", "true", present, tagged=True)
            body.add("break;")
            body.close()
        body.add("default: in.take_bytes(size);")
        body.close()
        body.close()

    def take(self, body, field, at, flexible, present, tagged=False):
        if field.type in FIXED:
            body.add(f"{at} = {self.take_fixed(field.type)};")
        elif field.is_struct and not field.is_array:
            if field.is_optional:
                here = "take_uvarint(in) == 0" if tagged else "in.take_i8() < 0"
                body.open(f"if ({here})")
                body.add(f"{at}.reset();")
                body.depth -= 1
                body.open("} else")
                body.add(f"take(in, v, {at}.emplace({self.message.name}::{field.element}{{}}));")
                body.close()
            else:
                body.add(f"take(in, v, {at});")
        elif field.is_array:
            self.take_array(body, field, at, flexible, present)
        elif field.is_optional:
            may = self.may_be_null(field, present)
            body.add(f"take_{field.element}(in, {at}, {flexible}, {may});")
        else:
            body.add(f"take_{field.element}(in, {at}, {flexible});")

    def take_array(self, body, field, at, flexible, present):
        body.open(f"if (const auto count = take_length(in, {flexible}))")
        target = at
        if field.is_optional:
            body.add(f"auto& items = {at}.emplace();")
            target = "items"
        body.add(f"{target}.resize(*count);")
        body.open(f"for (auto& e : {target})")
        if field.is_struct:
            body.add("take(in, v, e);")
        elif field.element in FIXED:
            body.add(f"e = {self.take_fixed(field.element)};")
        else:
            body.add(f"take_{field.element}(in, e, {flexible});")
        body.add("if (in.failed()) return;")
        body.close()
        body.depth -= 1
        body.open("} else")
        may = self.may_be_null(field, present) if field.is_optional else "false"
        if field.is_optional:
            body.add(f"{at}.reset();")
        if may != "true":
            body.add("in.fail();" if may == "false" else f"if (!({may})) in.fail();")
        body.close()

    @staticmethod
    def take_fixed(kind):
        return {"bool": "in.take_i8() != 0", "uuid": "take_uuid(in)",
                "float64": "take_float64(in)"}.get(kind, f"in.take_int<{CPP.get(kind)}>()")

    # -- describe
    def describe(self):
        body = Body()
        tagged = dict((field, present) for field, present in self.tagged)
        for field in self.fields:
            present = within(field.versions, self.range)
            if present is None:
                continue
            tests = [t for t in [condition(present, self.range)] if t != "true"]
            if field in tagged:
                held = field.is_default(f"s.{field.name}")
                untagged = condition(tagged[field], present)
                tests.append(f"!({held})" if untagged == "true"
                             else f"(!({untagged}) || !({held}))")
            if tests:
                body.open(f"if ({' && '.join(tests)})")
            self.tell(body, field, f"s.{field.name}")
            if tests:
                body.close()
        return body.text()

    def tell(self, body, field, at):
        body.add(f'out.name("{field.json_name}");')
        if field.is_optional:
            body.open(f"if (!{at})")
            body.add("out.null();")
            body.depth -= 1
            body.open("} else")
            at = f"*{at}"
        if field.is_array:
            body.add("out.open_array();")
            body.open(f"for (const auto& e : {at})")
            body.add(self.tell_value(field, "e"))
            body.close()
            body.add("out.close_array();")
        else:
            body.add(self.tell_value(field, at))
        if field.is_optional:
            body.close()

    @staticmethod
    def tell_value(field, at):
        if field.is_struct:
            return f"tell({at}, v, out);"
        kind = {"bool": "boolean", "uuid": "uuid", "float64": "real", "string": "text",
                "bytes": "bytes", "records": "records"}.get(field.element, "number")
        return f"out.{kind}({at});"


def codec(message):
    n = message.name
    structs = message.structs_in_order()
    helpers = {"size_of": [], "put": [], "take": [], "tell": []}
    for name, fields in structs + [(None, message.fields)]:
        c = Codec(message, name, fields)
        t = c.cpp_name
        helpers["size_of"].append(
            f"std::size_t size_of([[maybe_unused]] const {t}& s, "
            f"[[maybe_unused]] std::int16_t v) {{\n{c.size()}}}\n")
        helpers["put"].append(
            f"void put([[maybe_unused]] const {t}& s, [[maybe_unused]] std::int16_t v, "
            f"[[maybe_unused]] ByteWriter& out) {{\n{c.encode()}}}\n")
        helpers["take"].append(
            f"void take([[maybe_unused]] ByteReader& in, [[maybe_unused]] std::int16_t v, "
            f"[[maybe_unused]] {t}& s) {{\n{c.decode()}}}\n")
        helpers["tell"].append(
            f"void tell([[maybe_unused]] const {t}& s, [[maybe_unused]] std::int16_t v, "
            f"FieldSink& out) {{\n    out.open_object();\n{c.describe()}"
            f"    out.close_object();\n}}\n")
    # The structs' names are looked up as members of the message.
    using = "".join(f"using {name} = {n}::{name};\n" for name, _ in structs)
    text = f"namespace {message.file} {{\nnamespace {{\n{using}"
    text += "".join("".join(group) for group in helpers.values())
    text += f"}}  // namespace\n}}  // namespace {message.file}\n\n"
    check = "BSIM_CHECK(v >= {0}::kMinVersion && v <= {0}::kMaxVersion);".format(n)
    space = message.file
    text += (f"std::size_t encoded_size(const {n}& message, std::int16_t v) {{\n    {check}\n"
             f"    return {space}::size_of(message, v);\n}}\n"
             f"void encode(const {n}& message, std::int16_t v, ByteWriter& out) {{\n    {check}\n"
             f"    {space}::put(message, v, out);\n}}\n"
             f"void decode(ByteReader& in, std::int16_t v, {n}& message) {{\n"
             f"    message = {n}{{}};\n"
             f"    if (v < {n}::kMinVersion || v > {n}::kMaxVersion) return in.fail();\n"
             f"    {space}::take(in, v, message);\n}}\n"
             f"void describe(const {n}& message, std::int16_t v, FieldSink& out) {{\n"
             f"    {check}\n    {space}::tell(message, v, out);\n}}\n\n")
    return text
