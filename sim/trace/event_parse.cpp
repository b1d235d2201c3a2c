#include <algorithm>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "sim/model/partition_name.h"
#include "sim/trace/event_text.h"

namespace bsim {

namespace {

using nlohmann::json;

template <std::integral Int>
bool read(const json& from, Int& to) {
    if constexpr (std::is_same_v<Int, bool>) {
        if (!from.is_boolean())
            return false;
        to = from.get<bool>();
    } else if (from.is_number_unsigned()) {
        const auto value = from.get<std::uint64_t>();
        if (!std::in_range<Int>(value))
            return false;
        to = static_cast<Int>(value);
    } else {
        if (!from.is_number_integer())
            return false;
        const auto value = from.get<std::int64_t>();
        if (!std::in_range<Int>(value))
            return false;
        to = static_cast<Int>(value);
    }
    return true;
}

bool read(const json& from, std::string& to) {
    if (!from.is_string())
        return false;
    to = from.get<std::string>();
    return true;
}

bool read(const json& from, NodeName& to) {
    if (!from.is_string())
        return false;
    to = NodeName(from.get<std::string>());
    return true;
}

template <class Tag, std::integral Rep>
bool read(const json& from, Strong<Tag, Rep>& to) {
    Rep value{};
    if (!read(from, value))
        return false;
    to = Strong<Tag, Rep>(value);
    return true;
}

// Offset, SimTime and SimDuration.
template <class Wrapped>
bool read_wrapped(const json& from, Wrapped& to) {
    std::int64_t value = 0;
    if (!read(from, value))
        return false;
    to = Wrapped(value);
    return true;
}
bool read(const json& from, Offset& to) {
    return read_wrapped(from, to);
}
bool read(const json& from, SimTime& to) {
    return read_wrapped(from, to);
}
bool read(const json& from, SimDuration& to) {
    return read_wrapped(from, to);
}

bool read(const json& from, Uuid& to) {
    if (!from.is_string())
        return false;
    const auto uuid = Uuid::parse(from.get_ref<const std::string&>());
    if (uuid)
        to = *uuid;
    return uuid.has_value();
}

bool read(const json& from, std::optional<BrokerId>& to) {
    BrokerId id;
    if (!read(from, id))
        return false;
    to = id == BrokerId(-1) ? std::nullopt : std::optional(id);
    return true;
}

template <std::integral Int>
bool read(const json& from, std::optional<Int>& to) {
    return read(from, to.emplace());
}

bool read(const json& from, TopicPartition& to) {
    if (!from.is_string())
        return false;
    auto p = parse_partition_name(from.get_ref<const std::string&>());
    if (p)
        to = std::move(*p);
    return p.has_value();
}

template <class Enum>
requires std::is_enum_v<Enum>
bool read(const json& from, Enum& to) {
    if (!from.is_string())
        return false;
    const auto& names = EnumNames<Enum>::kNames;
    const auto found = std::find(names.begin(), names.end(), from.get_ref<const std::string&>());
    if (found == names.end())
        return false;
    to = static_cast<Enum>(found - names.begin());
    return true;
}

template <class T>
bool read(const json& from, std::vector<T>& to) {
    if (!from.is_array())
        return false;
    to.clear();
    for (const json& element : from) {
        if (!read(element, to.emplace_back()))
            return false;
    }
    return true;
}

template <class T>
bool read(const json& from, std::map<std::string, T>& to) {
    if (!from.is_object())
        return false;
    to.clear();
    for (const auto& [name, value] : from.items()) {
        if (!read(value, to[name]))
            return false;
    }
    return true;
}

// "t--1" was read as partition 1 of "t-".
void mend(ProduceFailed& failed) {
    TopicPartition& p = failed.p;
    if (p.partition != PartitionIndex(1) || p.topic.size() < 2 || !p.topic.ends_with('-'))
        return;
    p.topic.pop_back();
    p.partition = kUnknownPartition;
}
template <class Body>
void mend(Body&) {}

std::string in_quotes(std::string_view text) {
    return '"' + std::string(text) + '"';
}

// Returns what is wrong, empty if nothing.
template <class Body>
std::string read_body(const json& attributes, Attributes mode, Body& body) {
    std::string wrong;
    std::size_t known = 0;
    for_each_attribute(body, [&](std::string_view name, auto& member) {
        const auto found = attributes.find(name);
        if (found == attributes.end()) {
            const bool may_lack = kMayLack<std::remove_reference_t<decltype(member)>>;
            if (mode == Attributes::Required && !may_lack && wrong.empty()) {
                wrong = std::string(Body::kKind) + " lacks attribute " + in_quotes(name);
            }
            return;
        }
        ++known;
        if (!read(*found, member) && wrong.empty()) {
            wrong = std::string(Body::kKind) + " attribute " + in_quotes(name) +
                    " has the wrong type or range: " + found->dump();
        }
    });
    mend(body);
    if (wrong.empty() && mode == Attributes::Defaulted && known != attributes.size()) {
        static constexpr auto kNames = attribute_names<Body>();
        for (const auto& [name, value] : attributes.items()) {
            if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
                return std::string(Body::kKind) + " has no attribute " + in_quotes(name);
            }
        }
    }
    return wrong;
}

using ReadBody = std::string (*)(const json&, Attributes, EventBody&);

template <std::size_t... I>
std::vector<ReadBody> body_readers(std::index_sequence<I...>) {
    return {[](const json& attributes, Attributes mode, EventBody& body) {
        return read_body(attributes, mode, body.emplace<I>());
    }...};
}

std::string read_event(const json& line, Attributes mode, Event& event) {
    if (!line.is_object())
        return "not a JSON object";
    for (const char* key : {"i", "t", "n", "k", "a"}) {
        if (!line.contains(key))
            return "event lacks key " + in_quotes(key);
    }
    if (!read(line["i"], event.i) || event.i == EventNumber{})
        return "\"i\" is no event number";
    if (!read(line["t"], event.t))
        return "\"t\" is no time";
    if (!read(line["n"], event.n))
        return "\"n\" is no node name";
    const auto causes = line.find("c");
    if (causes != line.end() && !read(*causes, event.c))
        return "\"c\" is no list of event numbers";
    if (!line["k"].is_string())
        return "\"k\" is no string";
    if (!line["a"].is_object())
        return "\"a\" is no object";

    static const std::vector<ReadBody> kReaders =
        body_readers(std::make_index_sequence<std::variant_size_v<EventBody>>{});
    const auto& kinds = event_kinds();
    const auto found =
        std::find(kinds.begin(), kinds.end(), line["k"].get_ref<const std::string&>());
    if (found == kinds.end())
        return "unknown event kind " + line["k"].dump();
    return kReaders[static_cast<std::size_t>(found - kinds.begin())](line["a"], mode, event.body);
}

}  // namespace

Result<Event, std::string> parse_event(std::string_view line, Attributes attributes) {
    const json parsed = json::parse(line, nullptr, false);
    if (parsed.is_discarded())
        return Err{std::string("not valid JSON")};
    Event event;
    std::string wrong = read_event(parsed, attributes, event);
    if (!wrong.empty())
        return Err{std::move(wrong)};
    return event;
}

}  // namespace bsim
