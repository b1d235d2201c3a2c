#pragma once
// Which events can change the value of an expression: their kind and, where the expression names
// one, their partition and node.

#include <bitset>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/scenario/expression_watch.h"
#include "sim/trace/event.h"

namespace bsim {

class EventInterest {
  public:
    explicit EventInterest(const Expression& expression);
    bool in(const Event& event) const {
        const std::size_t kind = event.body.index();
        return all_.test(kind) || (some_.test(kind) && is_one_of(event));
    }

  private:
    using Kinds = std::bitset<std::variant_size_v<EventBody>>;  // by place in EventBody
    // Some events of a kind.
    struct Narrow {
        std::size_t kind = 0;
        std::optional<TopicPartition> p;
        std::optional<std::string> n;
        std::optional<BrokerId> id;  // a node by its bare id
    };

    template <class... Bodies>
    void add();
    template <class... Bodies>
    void add_of(const TopicPartition& p);
    void add(const EventPattern& pattern);
    void add(Narrow narrow);
    bool is_one_of(const Event& event) const;

    Kinds all_;
    Kinds some_;
    std::vector<Narrow> narrow_;
};

}  // namespace bsim
