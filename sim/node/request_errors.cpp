#include "sim/node/request_errors.h"

namespace bsim {

const RequestErrorRule* RequestErrors::strike(std::optional<HostId> from,
                                              const Frame& request) const {
    for (const Rule& rule : rules_) {
        const bool asker_meant = !rule->from || (from && rule->from->contains(*from));
        if (!asker_meant || !rule->matches(request))
            continue;
        const std::int64_t number = ++rule->seen;
        const bool chosen = !rule->chosen || rule->chosen();
        if (chosen && number >= rule->nth && number - rule->nth < rule->count)
            return rule.get();
    }
    return nullptr;
}

}  // namespace bsim
