#pragma once
// What all expectations about time have.

#include "sim/scenario/scenario.h"

namespace bsim {

struct ExpectParts {
    const Expression* expression = nullptr;
    const ExpectStart* start = nullptr;
};
// They live as long as the form, which is no CheckExpect.
ExpectParts parts_of(const ExpectForm& form);

}  // namespace bsim
