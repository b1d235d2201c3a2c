#pragma once
// How an event kind is declared: one line lists its members, and that list alone drives the
// canonical JSON, parsing it back, and the run hash.
//
//     struct HwAdvanced {
//         TopicPartition p;
//         Offset hw;
//         LeaderEpoch epoch;
//         BSIM_EVENT(HwAdvanced, p, hw, epoch);
//     };
//
// The names are those of TRACE.md, the order is the order in the file. What a member's type becomes
// in JSON: strong integers, offsets, SimDuration (in ns; the member's name ends in `_ns`) and
// SimTime are integers; an absent optional integer is left out; TopicPartition is "orders-0"; an
// absent BrokerId is -1; NodeName, Uuid and strings are strings; enums (below) are the strings of
// their `kNames`; vectors are arrays, maps from strings are objects.

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>

#define BSIM_EVENT(Kind, ...)                                     \
    static constexpr std::string_view kKind = #Kind;              \
    static constexpr std::string_view kAttributes = #__VA_ARGS__; \
    auto attributes() {                                           \
        return std::tie(__VA_ARGS__);                             \
    }                                                             \
    auto attributes() const {                                     \
        return std::tie(__VA_ARGS__);                             \
    }                                                             \
    bool operator==(const Kind&) const = default

namespace bsim {

// The texts of an enum attribute, in the order of the enumerators. Specialize beside the enum:
// template <> struct EnumNames<StopMode> { static constexpr std::array kNames = {...}; };
template <class Enum>
struct EnumNames;

// An attribute that some events of its kind lack: an optional integer.
template <class T>
inline constexpr bool kMayLack = false;
template <std::integral Int>
inline constexpr bool kMayLack<std::optional<Int>> = true;

template <class T>
bool lacks(const T& member) {
    if constexpr (kMayLack<T>)
        return !member.has_value();
    else
        return false;
}

// Member names of an event struct, split from the list that BSIM_EVENT keeps: {"p", "hw", "epoch"}.
template <class Body>
constexpr auto attribute_names() {
    constexpr std::size_t count =
        std::tuple_size_v<decltype(std::declval<const Body&>().attributes())>;
    std::array<std::string_view, count> names{};
    std::string_view rest = Body::kAttributes;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t end = rest.find(',');
        names[i] = rest.substr(0, end);
        if (end != std::string_view::npos)
            rest.remove_prefix(end + 2);
    }
    return names;
}

// Calls visit(name, member) for each attribute, in order. `Body` may be const.
template <class Body, class Visit>
void for_each_attribute(Body& body, Visit&& visit) {
    static constexpr auto kNames = attribute_names<std::remove_const_t<Body>>();
    auto members = body.attributes();
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (visit(kNames[I], std::get<I>(members)), ...);
    }
    (std::make_index_sequence<kNames.size()>{});
}

}  // namespace bsim
