#include "sim/app/dump_log/read_failure.h"

#include <charconv>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <vector>

#include "sim/base/varint.h"

namespace bsim::dump_log {
namespace {

constexpr std::int32_t kLongestString = 0x7fff;

struct VersionRange {
    std::int16_t low = 1;
    std::int16_t high = 0;
    bool has(std::int16_t version) const { return version >= low && version <= high; }
};

struct Field {
    std::string name;
    std::string_view type;
    VersionRange versions;
    VersionRange nullable;
    std::optional<std::uint32_t> tag;
};
using Fields = std::vector<Field>;

struct Struct {
    bool common = false;  // declared apart: read in any version
    Fields fields;
};

struct Schema {
    VersionRange flexible;
    Fields fields;
    std::map<std::string_view, Struct> structs;
};

// Takes what stands before the separator, and the separator, off the text.
std::string_view take_part(std::string_view& text, char separator) {
    const std::size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

template <class Int>
Int number(std::string_view digits) {
    Int value{};
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

// "none", "3", "1-4" or "2+".
VersionRange version_range(std::string_view text) {
    if (text == "none")
        return {};
    if (text.ends_with('+'))
        return {number<std::int16_t>(text), INT16_MAX};
    const auto low = number<std::int16_t>(take_part(text, '-'));
    return {low, text.empty() ? low : number<std::int16_t>(text)};
}

// NAME TYPE VERSIONS and then, of what may follow, null:VERSIONS and tag:TAG@VERSIONS.
Field parse_field(std::string_view line) {
    Field field;
    field.name = take_part(line, ' ');
    field.type = take_part(line, ' ');
    field.versions = version_range(take_part(line, ' '));
    while (!line.empty()) {
        std::string_view word = take_part(line, ' ');
        const std::string_view what = take_part(word, ':');
        if (what == "null")
            field.nullable = version_range(word);
        if (what == "tag")
            field.tag = number<std::uint32_t>(word);
    }
    return field;
}

Schema parse_schema(std::string_view text) {
    Schema schema;
    std::string_view first = take_part(text, '\n');
    take_part(first, ' ');
    schema.flexible = version_range(first);
    Fields* fields = &schema.fields;
    while (!text.empty()) {
        const std::string_view line = take_part(text, '\n');
        std::string_view name = line;
        const std::string_view kind = take_part(name, ' ');
        if (kind == "struct" || kind == "common") {
            Struct& next = schema.structs[name];
            next.common = kind == "common";
            fields = &next.fields;
        } else {
            fields->push_back(parse_field(line));
        }
    }
    return schema;
}

// Thrown by the walk below and caught at its top.
struct Failure {
    std::string why;
};

std::size_t fixed_size(std::string_view type) {
    static constexpr std::pair<std::string_view, std::size_t> kSizes[] = {
        {"bool", 1},  {"int8", 1},  {"int16", 2},   {"uint16", 2},
        {"int32", 4}, {"int64", 8}, {"float64", 8}, {"uuid", 16}};
    for (const auto& [name, size] : kSizes) {
        if (name == type)
            return size;
    }
    return 0;
}

// Reads a message as the generated classes do, until something is wrong.
class Walk {
  public:
    Walk(const Schema& schema, const ReadAs& how, ByteView bytes)
        : schema_(schema), how_(how), version_(how.version), bytes_(bytes) {}

    void take_struct(const Fields& fields) {
        for (const Field& field : fields) {
            if (field.versions.has(version_) && !field.tag)
                take_value(field, field.type, false);
        }
        if (flexible())
            take_tagged(fields);
    }

  private:
    bool flexible() const { return schema_.flexible.has(version_); }

    ByteView skip(std::size_t count) {
        if (count > bytes_.size())
            throw Failure{"null"};
        const ByteView part = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return part;
    }

    std::int32_t take_uvarint() {
        std::uint32_t value = 0;
        for (unsigned i = 0; i < 5; ++i) {
            const std::uint8_t byte = skip(1)[0];
            // The fifth byte goes in whole, sign and all.
            value |= std::uint32_t{i < 4 ? byte & 0x7fU : byte} << 7U * i;
            if ((byte & 0x80U) == 0)
                return static_cast<std::int32_t>(value);
        }
        throw Failure{
            fmt::format("Varint is too long, the most significant bit in the 5th byte is "
                        "set, converted value: {:x}",
                        value)};
    }

    void take_array_of_bytes(std::int32_t size) {
        if (size < 0)
            throw Failure{fmt::to_string(size)};
        if (static_cast<std::size_t>(size) > bytes_.size()) {
            throw Failure{
                fmt::format("Error reading byte array of {} byte(s): only {} byte(s) available",
                            size, bytes_.size())};
        }
        skip(static_cast<std::size_t>(size));
    }

    // nullopt for an allowed null.
    std::optional<std::int32_t> take_length(const Field& field, bool is_string, bool is_element) {
        std::int32_t length = 0;
        if (flexible())
            length = static_cast<std::int32_t>(static_cast<std::uint32_t>(take_uvarint()) - 1U);
        else if (is_string)
            length = load_be<std::int16_t>(skip(2).data());
        else
            length = load_be<std::int32_t>(skip(4).data());
        if (length >= 0)
            return length;
        if (!is_element && field.nullable.has(version_))
            return std::nullopt;
        throw Failure{fmt::format("non-nullable field {} was serialized as null",
                                  name_of(field, is_element))};
    }

    static std::string name_of(const Field& field, bool is_element) {
        return is_element ? field.name + " element" : field.name;
    }

    // A field, or an element of one that is an array.
    void take_value(const Field& field, std::string_view type, bool is_element) {
        if (type.starts_with("[]"))
            return take_array(field, type.substr(2));
        if (const std::size_t size = fixed_size(type); size > 0) {
            skip(size);
            return;
        }
        const bool is_string = type == "string";
        if (!is_string && type != "bytes")
            return take_nested(type);
        const auto length = take_length(field, is_string, is_element);
        if (!length)
            return;
        if (is_string && *length > kLongestString) {
            throw Failure{fmt::format("string field {} had invalid length {}",
                                      name_of(field, is_element), *length)};
        }
        take_array_of_bytes(*length);
    }

    void take_nested(std::string_view name) {
        const Struct& nested = schema_.structs.at(name);
        if (how_.claimed_version > version_ && !nested.common)
            throw Failure{fmt::format("Can't read version {} of {}", how_.claimed_version, name)};
        take_struct(nested.fields);
    }

    void take_array(const Field& field, std::string_view element) {
        const auto length = take_length(field, false, false);
        if (!length)
            return;
        if (static_cast<std::size_t>(*length) > bytes_.size()) {
            throw Failure{
                fmt::format("Tried to allocate a collection of size {}, but there are only {} "
                            "bytes remaining.",
                            *length, bytes_.size())};
        }
        for (std::int32_t i = 0; i < *length; ++i)
            take_value(field, element, true);
    }

    void take_tagged(const Fields& fields) {
        const std::int32_t count = take_uvarint();
        for (std::int32_t i = 0; i < count; ++i) {
            const auto tag = static_cast<std::uint32_t>(take_uvarint());
            const std::int32_t size = take_uvarint();
            const Field* known = nullptr;
            for (const Field& field : fields) {
                if (field.tag == tag && field.versions.has(version_))
                    known = &field;
            }
            if (known == nullptr) {
                take_array_of_bytes(size);
                continue;
            }
            // A struct that may be null has a number before it that says whether it is there.
            if (known->nullable.has(version_) && schema_.structs.contains(known->type) &&
                take_uvarint() == 0) {
                continue;
            }
            take_value(*known, known->type, false);
        }
    }

    const Schema& schema_;
    const ReadAs& how_;
    std::int16_t version_;
    ByteView bytes_;
};

}  // namespace

std::optional<std::string> read_failure(const ReadAs& how, ByteView bytes) {
    const Schema schema = parse_schema(how.schema);
    try {
        Walk(schema, how, bytes).take_struct(schema.fields);
    } catch (const Failure& failure) {
        return failure.why;
    }
    return std::nullopt;
}

}  // namespace bsim::dump_log
