#include "sim/scenario/expect_parts.h"

namespace bsim {

ExpectParts parts_of(const ExpectForm& form) {
    if (const auto* eventually = std::get_if<EventuallyExpect>(&form))
        return {&eventually->expression, &eventually->start};
    if (const auto* always = std::get_if<AlwaysExpect>(&form))
        return {&always->expression, &always->start};
    const auto& sequence = std::get<SequenceExpect>(form);
    return {&sequence.expression, &sequence.start};
}

}  // namespace bsim
