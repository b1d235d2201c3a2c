#include "sim/protocol/group/member.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim::group {
namespace {

void put_hex(std::string& out, std::uint64_t bits, unsigned digits) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (unsigned left = digits; left-- > 0;)
        out.push_back(kDigits[bits >> (left * 4) & 0xfU]);
}

std::string java_uuid(const Uuid& uuid) {
    std::string text;
    put_hex(text, uuid.high >> 32U, 8);
    text.push_back('-');
    put_hex(text, uuid.high >> 16U, 4);
    text.push_back('-');
    put_hex(text, uuid.high, 4);
    text.push_back('-');
    put_hex(text, uuid.low >> 48U, 4);
    text.push_back('-');
    put_hex(text, uuid.low, 12);
    return text;
}

}  // namespace

const Bytes& Member::metadata(const std::string& protocol) const {
    const auto found = std::find_if(protocols.begin(), protocols.end(),
                                    [&](const Protocol& p) { return p.name == protocol; });
    BSIM_CHECK(found != protocols.end());
    return found->metadata;
}

const std::string& Member::vote(const std::set<std::string>& candidates) const {
    const auto found = std::find_if(protocols.begin(), protocols.end(),
                                    [&](const Protocol& p) { return candidates.contains(p.name); });
    BSIM_CHECK(found != protocols.end());
    return found->name;
}

std::string new_member_id(const std::string& client_id,
                          const std::optional<std::string>& instance,
                          const Uuid& drawn) {
    return instance.value_or(client_id) + "-" + java_uuid(drawn);
}

}  // namespace bsim::group
