#include "sim/protocol/group/group_metadata.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/base/check.h"
#include "sim/base/java_order.h"

namespace bsim::group {

std::string_view name(GroupState state) {
    constexpr std::array<std::string_view, 5> kNames = {"Empty", "PreparingRebalance",
                                                        "CompletingRebalance", "Stable", "Dead"};
    return kNames.at(static_cast<std::size_t>(state));
}

GroupMetadata::GroupMetadata(std::string id, GroupSerial serial, WallMs now)
    : id_(std::move(id)), serial_(serial), state_since_(now) {}

void GroupMetadata::transition_to(GroupState to, WallMs now) {
    state_ = to;
    state_since_ = now;
}

void GroupMetadata::set_loaded_state(GroupState state, std::optional<WallMs> since) {
    state_ = state;
    state_since_ = since;
}

bool GroupMetadata::can_rebalance() const {
    return is(GroupState::Stable) || is(GroupState::CompletingRebalance) || is(GroupState::Empty);
}

Member& GroupMetadata::get(const std::string& member) {
    const auto found = members_.find(member);
    BSIM_CHECK(found != members_.end());
    return found->second;
}

const Member& GroupMetadata::get(const std::string& member) const {
    const auto found = members_.find(member);
    BSIM_CHECK(found != members_.end());
    return found->second;
}

std::vector<std::string> GroupMetadata::members_in_order() const {
    std::vector<std::pair<ScalaTable::Place, std::string>> placed;
    placed.reserve(members_.size());
    for (const auto& [id, member] : members_)
        placed.emplace_back(table_.place(java_hash(id), member.serial), id);
    std::sort(placed.begin(), placed.end());
    std::vector<std::string> ids;
    ids.reserve(placed.size());
    for (auto& [place, id] : placed)
        ids.push_back(std::move(id));
    return ids;
}

Member& GroupMetadata::add(Member member) {
    if (member.instance)
        static_members_.insert_or_assign(*member.instance, member.id);
    if (members_.empty())
        protocol_type = member.protocol_type;
    if (!leader_)
        leader_ = member.id;
    count_protocols(member, 1);
    if (member.awaiting_join)
        ++awaiting_join_;
    pending.erase(member.id);
    table_.note_put(members_.size());
    member.serial = next_serial_++;
    const std::string id = member.id;
    const auto [at, added] = members_.emplace(id, std::move(member));
    BSIM_CHECK(added);
    return at->second;
}

void GroupMetadata::remove(const std::string& member) {
    const std::string id = member;  // the argument may live in what is erased here
    if (const auto found = members_.find(id); found != members_.end()) {
        count_protocols(found->second, -1);
        if (found->second.awaiting_join)
            --awaiting_join_;
        if (found->second.instance)
            static_members_.erase(*found->second.instance);
        members_.erase(found);
    }
    pending.erase(id);
    pending_sync.erase(id);
    if (leader_ != id)
        return;
    const auto first =
        std::min_element(members_.begin(), members_.end(), [this](const auto& a, const auto& b) {
            return table_.place(java_hash(a.first), a.second.serial) <
                   table_.place(java_hash(b.first), b.second.serial);
        });
    leader_ = first == members_.end() ? std::nullopt : std::optional(first->first);
}

Member& GroupMetadata::replace_static_member(const std::string& instance,
                                             const std::string& old_id,
                                             const std::string& new_id) {
    auto node = members_.extract(old_id);
    BSIM_CHECK(!node.empty());
    table_.note_put(members_.size());
    node.key() = new_id;
    Member& member = node.mapped();
    member.id = new_id;
    member.serial = next_serial_++;
    members_.insert(std::move(node));
    if (leader_ == old_id)
        leader_ = new_id;
    static_members_.insert_or_assign(instance, new_id);
    return member;
}

void GroupMetadata::update(Member& member, const Update& update, std::optional<Caller> awaiting) {
    count_protocols(member, -1);
    member.protocols = update.protocols;
    count_protocols(member, 1);
    member.rebalance_timeout_ms = update.rebalance_timeout_ms;
    member.session_timeout_ms = update.session_timeout_ms;
    if (awaiting && !member.awaiting_join)
        ++awaiting_join_;
    if (!awaiting && member.awaiting_join)
        --awaiting_join_;
    member.awaiting_join = awaiting;
}

std::optional<Caller> GroupMetadata::take_awaiting_join(Member& member) {
    if (member.awaiting_join)
        --awaiting_join_;
    return std::exchange(member.awaiting_join, std::nullopt);
}

const std::string* GroupMetadata::static_member(const std::string& instance) const {
    const auto found = static_members_.find(instance);
    return found == static_members_.end() ? nullptr : &found->second;
}

bool GroupMetadata::elect_joined_leader() {
    if (!leader_)
        return false;
    if (get(*leader_).awaiting_join)
        return true;
    if (awaiting_join_ == 0)
        return false;
    for (const std::string& id : members_in_order()) {
        if (get(id).awaiting_join) {
            leader_ = id;
            return true;
        }
    }
    return false;
}

std::vector<std::string> GroupMetadata::not_joined_dynamic() const {
    std::vector<std::string> ids;
    for (const auto& [id, member] : members_) {
        if (!member.awaiting_join && !member.instance)
            ids.push_back(id);
    }
    return ids;
}

std::int32_t GroupMetadata::rebalance_timeout_ms() const {
    std::int32_t longest = 0;
    for (const auto& [id, member] : members_)
        longest = std::max(longest, member.rebalance_timeout_ms);
    return longest;
}

void GroupMetadata::count_protocols(const Member& member, int sign) {
    for (const Protocol& protocol : member.protocols) {
        std::size_t& count = supported_[protocol.name];
        count = sign > 0 ? count + 1 : count - 1;
        if (count == 0)
            supported_.erase(protocol.name);
    }
}

}  // namespace bsim::group
