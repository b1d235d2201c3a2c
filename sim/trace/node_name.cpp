#include "sim/trace/node_name.h"

#include <charconv>

namespace bsim {

namespace {

// The number behind `prefix`, if the text is just that.
std::optional<BrokerId> id_after(std::string_view text, std::string_view prefix) {
    if (!text.starts_with(prefix))
        return std::nullopt;
    text.remove_prefix(prefix.size());
    std::int32_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return BrokerId(id);
}

}  // namespace

NodeName::NodeName(std::string text) : text_(std::move(text)) {
    kafka_id_ = id_after(text_, "broker-");
    if (!kafka_id_)
        kafka_id_ = id_after(text_, "controller-");
}

NodeName NodeName::broker(BrokerId id) {
    return NodeName("broker-" + std::to_string(id.value()));
}

NodeName NodeName::controller(BrokerId id) {
    return NodeName("controller-" + std::to_string(id.value()));
}

NodeName NodeName::zookeeper(std::int32_t id) {
    return NodeName("zk-" + std::to_string(id));
}

NodeName NodeName::client(std::string_view role, std::string_view name, std::int32_t index) {
    std::string text(role);
    text += '-';
    text += name;
    text += '-';
    text += std::to_string(index);
    return NodeName(std::move(text));
}

}  // namespace bsim
