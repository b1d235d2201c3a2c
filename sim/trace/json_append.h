#pragma once
// Appends values to a buffer as canonical JSON, without a DOM: what every attribute type looks like
// in a trace (attributes.h says which types there are).

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/base/strong.h"
#include "sim/base/time.h"
#include "sim/base/uuid.h"
#include "sim/model/ids.h"
#include "sim/trace/attributes.h"
#include "sim/trace/node_name.h"

namespace bsim {

// Escapes `"`, `\` and control characters; everything else passes as it is.
void append_json(std::string& out, std::string_view text);

template <std::integral Int>
void append_json(std::string& out, Int value) {
    if constexpr (std::is_same_v<Int, bool>) {
        out += value ? "true" : "false";
    } else {
        char digits[20];
        const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
        static_cast<void>(error);  // 20 characters hold every 64-bit integer
        out.append(digits, static_cast<std::size_t>(end - digits));
    }
}

inline void append_json(std::string& out, const std::string& text) {
    append_json(out, std::string_view(text));
}
inline void append_json(std::string& out, const NodeName& node) {
    append_json(out, node.text());
}
inline void append_json(std::string& out, Offset offset) {
    append_json(out, offset.value());
}
inline void append_json(std::string& out, SimTime t) {
    append_json(out, t.ns());
}
inline void append_json(std::string& out, SimDuration d) {
    append_json(out, d.ns());
}
inline void append_json(std::string& out, const Uuid& uuid) {
    append_json(out, uuid.to_string());
}

template <class Tag, std::integral Rep>
void append_json(std::string& out, Strong<Tag, Rep> value) {
    append_json(out, value.value());
}

inline void append_json(std::string& out, const std::optional<BrokerId>& broker) {
    append_json(out, broker ? broker->value() : -1);
}

// Where it is absent, nothing is: callers ask lacks() first.
template <std::integral Int>
void append_json(std::string& out, const std::optional<Int>& value) {
    if (value)
        append_json(out, *value);
}

// Topic names need no escapes.
inline void append_json(std::string& out, const TopicPartition& p) {
    out += '"';
    out += p.topic;
    out += '-';
    append_json(out, p.partition);
    out += '"';
}

template <class Enum>
requires std::is_enum_v<Enum>
void append_json(std::string& out, Enum value) {
    append_json(out, EnumNames<Enum>::kNames.at(static_cast<std::size_t>(value)));
}

template <class T>
void append_json(std::string& out, const std::vector<T>& list) {
    out += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i != 0)
            out += ',';
        append_json(out, list[i]);
    }
    out += ']';
}

template <class T>
void append_json(std::string& out, const std::map<std::string, T>& members) {
    out += '{';
    bool first = true;
    for (const auto& [name, value] : members) {
        if (!first)
            out += ',';
        first = false;
        append_json(out, name);
        out += ':';
        append_json(out, value);
    }
    out += '}';
}

// `,"name":`, put together by the compiler: with strings copied as a whole, 0.7 of the instructions
// that write a trace.
class AttributeKey {
  public:
    constexpr AttributeKey() = default;
    constexpr explicit AttributeKey(std::string_view name) {
        for (const std::string_view part :
             {std::string_view(",\""), name, std::string_view("\":")}) {
            for (const char c : part)
                text_.at(size_++) = c;
        }
    }
    constexpr std::string_view with_comma() const { return {text_.data(), size_}; }
    constexpr std::string_view without_comma() const { return with_comma().substr(1); }

  private:
    std::array<char, 40> text_{};
    std::size_t size_ = 0;
};

template <class Body>
constexpr auto attribute_keys() {
    constexpr auto kNames = attribute_names<Body>();
    std::array<AttributeKey, kNames.size()> keys;
    std::transform(kNames.begin(), kNames.end(), keys.begin(),
                   [](std::string_view name) { return AttributeKey(name); });
    return keys;
}

template <class Body>
inline constexpr auto kAttributeKeys = attribute_keys<Body>();

// `"t":…,"n":"…","k":"…","a":{…}` of any struct that has BSIM_EVENT.
template <class Body>
void append_canonical_body(std::string& out, SimTime t, const NodeName& n, const Body& body) {
    out += "\"t\":";
    append_json(out, t);
    out += ",\"n\":";
    append_json(out, n);
    out += ",\"k\":\"";
    out += Body::kKind;
    out += "\",\"a\":{";
    std::size_t next = 0;
    bool first = true;
    for_each_attribute(body, [&](std::string_view /*name*/, const auto& value) {
        const AttributeKey& key = kAttributeKeys<Body>[next++];
        if (lacks(value))
            return;
        out += first ? key.without_comma() : key.with_comma();
        first = false;
        append_json(out, value);
    });
    out += '}';
}

}  // namespace bsim
