#pragma once
// The name under which a node stands in a trace, in file paths and in selectors:
// `broker-1`, `controller-100`, `zk-1`, `producer-<name>-<i>`, `consumer-<name>-<i>`,
// `streams-<name>-<i>`, `admin`, and `sim` for the simulator itself.
//
// A value that compares by its text. Make it once a node and pass it by reference: the tracer
// copies it into a buffer that it reuses, so that emitting allocates nothing in steady state.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/model/ids.h"

namespace bsim {

class NodeName {
  public:
    NodeName() = default;
    explicit NodeName(std::string text);

    static NodeName broker(BrokerId id);
    static NodeName controller(BrokerId id);
    static NodeName zookeeper(std::int32_t id);
    // `role` is producer, consumer or streams; `index` counts the group's instances from 0.
    static NodeName client(std::string_view role, std::string_view name, std::int32_t index);
    static NodeName admin() { return NodeName("admin"); }
    static NodeName sim() { return NodeName("sim"); }

    const std::string& text() const { return text_; }
    // N of `broker-N` or `controller-N`; nullopt for every other node.
    std::optional<BrokerId> kafka_id() const { return kafka_id_; }

    // The text alone decides.
    bool operator==(const NodeName& other) const { return text_ == other.text_; }
    auto operator<=>(const NodeName& other) const { return text_ <=> other.text_; }

  private:
    std::string text_;
    std::optional<BrokerId> kafka_id_;  // read once: checks ask for it at every event
};

}  // namespace bsim
