#include "sim/trace/event.h"

#include <algorithm>
#include <utility>

namespace bsim {

namespace {

template <std::size_t... I>
std::vector<std::string_view> kinds(std::index_sequence<I...>) {
    return {std::variant_alternative_t<I, EventBody>::kKind...};
}

}  // namespace

Event::Event() = default;
Event::Event(EventNumber number, SimTime time, NodeName node, EventBody what)
    : i(number), t(time), n(std::move(node)), body(std::move(what)) {}
Event::Event(const Event& other) = default;
Event::Event(Event&& other) noexcept = default;
Event& Event::operator=(const Event& other) = default;
Event& Event::operator=(Event&& other) noexcept = default;
Event::~Event() = default;
bool Event::operator==(const Event& other) const = default;

bool is_message_event(const EventBody& body) {
    return std::visit(
        [](const auto& b) { return kIsMessageEvent<std::remove_cvref_t<decltype(b)>>; }, body);
}

std::string_view kind_of(const EventBody& body) {
    return std::visit([](const auto& b) { return b.kKind; }, body);
}

const std::vector<std::string_view>& event_kinds() {
    static const std::vector<std::string_view> kKinds =
        kinds(std::make_index_sequence<std::variant_size_v<EventBody>>{});
    return kKinds;
}

bool is_event_kind(std::string_view name) {
    const auto& all = event_kinds();
    return std::find(all.begin(), all.end(), name) != all.end();
}

}  // namespace bsim
