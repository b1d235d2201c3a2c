#include "sim/node/response_error.h"

#include <variant>

namespace bsim {

wire::ErrorCode first_error(const wire::ResponseBody& body) {
    return std::visit(
        [](const auto& response) {
            std::int16_t code = 0;
            if constexpr (requires { response.error_code; })
                code = response.error_code;
            if constexpr (requires { response.topics.front().error_code; }) {
                if (code == 0 && !response.topics.empty())
                    code = response.topics.front().error_code;
            }
            if constexpr (requires { response.responses.front().error_code; }) {
                if (code == 0 && !response.responses.empty())
                    code = response.responses.front().error_code;
            }
            if constexpr (requires { response.results.front().error_code; }) {
                if (code == 0 && !response.results.empty())
                    code = response.results.front().error_code;
            }
            if constexpr (requires { response.groups.front().error_code; }) {
                if (code == 0 && !response.groups.empty())
                    code = response.groups.front().error_code;
            }
            if constexpr (requires { response.coordinators.front().error_code; }) {
                if (code == 0 && !response.coordinators.empty())
                    code = response.coordinators.front().error_code;
            }
            return static_cast<wire::ErrorCode>(code);
        },
        body);
}

}  // namespace bsim
