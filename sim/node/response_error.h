#pragma once
// The error that stands first in a response: of the whole, else of its first part.

#include "sim/wire/error_code.h"
#include "sim/wire/message.h"

namespace bsim {

wire::ErrorCode first_error(const wire::ResponseBody& body);

}  // namespace bsim
