#pragma once
// Which kinds of events can change the value of an expression.

#include <bitset>
#include <variant>

#include "sim/scenario/expression_watch.h"
#include "sim/trace/event.h"

namespace bsim {

class EventInterest {
  public:
    explicit EventInterest(const Expression& expression);
    bool in(const Event& event) const { return kinds_.test(event.body.index()); }

  private:
    template <class... Kinds>
    void add();

    std::bitset<std::variant_size_v<EventBody>> kinds_;  // by place in EventBody
};

}  // namespace bsim
