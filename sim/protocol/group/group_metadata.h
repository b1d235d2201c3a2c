#pragma once
// One group of the classic protocol, as its coordinator keeps it: state, generation, members and
// what they can agree upon, and the offsets. Decides nothing: the coordinator does.
//
//   Empty               -> PreparingRebalance: a member joins
//   PreparingRebalance  -> CompletingRebalance: those who count have joined
//                       -> Empty: nobody is left
//   CompletingRebalance -> Stable: the leader's assignment is stored
//                       -> PreparingRebalance: somebody joins, leaves or fails
//   Stable              -> PreparingRebalance: the same
//   any                 -> Dead: deleted, expired or handed over to another coordinator
//
// Source: GroupMetadata.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/strong.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/group/group_offsets.h"
#include "sim/protocol/group/member.h"
#include "sim/protocol/group/scala_order.h"

namespace bsim::group {

enum class GroupState : std::uint8_t {
    Empty,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
    Dead,
};
std::string_view name(GroupState state);

// Tells apart groups of one name that lived one after the other in a coordinator.
using GroupSerial = Strong<struct GroupSerialTag, std::uint64_t>;

// A rebalance waits for members to join.
struct JoinWait {
    Deadlines::Handle deadline{};
    // The first one of an empty group: it never ends early, and is prolonged while new members
    // come and time is left.
    bool initial = false;
    std::int32_t delay_ms = 0;
    std::int32_t remaining_ms = 0;
};

class GroupMetadata {
  public:
    GroupMetadata(std::string id, GroupSerial serial, WallMs now);

    const std::string& id() const { return id_; }
    GroupSerial serial() const { return serial_; }
    GroupState state() const { return state_; }
    bool is(GroupState state) const { return state_ == state; }
    void transition_to(GroupState to, WallMs now);
    // Also those of a loaded group, which takes its state and its time as they were written.
    void set_loaded_state(GroupState state, std::optional<WallMs> since);
    std::optional<WallMs> state_since() const { return state_since_; }
    bool can_rebalance() const;

    std::size_t size() const { return members_.size(); }
    bool has(const std::string& member) const { return members_.contains(member); }
    // Requires has().
    Member& get(const std::string& member);
    const Member& get(const std::string& member) const;
    // As Kafka's hash map walks them. Ids, since answering may remove members.
    std::vector<std::string> members_in_order() const;
    std::size_t awaiting_join() const { return awaiting_join_; }

    Member& add(Member member);
    // Forgets the member, pending or not; its timer and whoever waits are the caller's affair.
    void remove(const std::string& member);
    // The static member's old id gives way to the new one; nothing else changes. Nobody may wait.
    Member& replace_static_member(const std::string& instance,
                                  const std::string& old_id,
                                  const std::string& new_id);
    struct Update {
        std::vector<Protocol> protocols;
        std::int32_t rebalance_timeout_ms = 0;
        std::int32_t session_timeout_ms = 0;
    };
    void update(Member& member, const Update& update, std::optional<Caller> awaiting);
    // Ends the wait of a member; gives back who waited.
    std::optional<Caller> take_awaiting_join(Member& member);

    const std::string* static_member(const std::string& instance) const;
    bool is_leader(const std::string& member) const { return leader_ == member; }
    const std::optional<std::string>& leader() const { return leader_; }
    void set_leader(std::optional<std::string> leader) { leader_ = std::move(leader); }
    // A leader that did not join gives way to one that did. False if there is none.
    bool elect_joined_leader();

    bool all_joined() const { return members_.size() == awaiting_join_ && pending.empty(); }
    std::vector<std::string> not_joined_dynamic() const;
    std::int32_t rebalance_timeout_ms() const;
    bool supports(const std::string& type, const std::vector<Protocol>& protocols) const;
    // Of those that all members support, the one with the most votes. Requires a member.
    std::string select_protocol() const;
    // Protocol and topics of the generation that begins; the state goes with it.
    void init_next_generation(WallMs now);
    bool is_consumer_group() const;
    // Unknown topics count as subscribed.
    bool is_subscribed(const std::string& topic) const;
    void compute_subscribed_topics();
    const std::optional<std::set<std::string>>& subscribed_topics() const { return subscribed_; }
    std::vector<TopicPartition> remove_expired_offsets(WallMs now, std::int64_t retention_ms);

    GroupOffsets offsets;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    std::int32_t generation = 0;
    // Got a member id and have not joined with it yet, with the deadline for that.
    std::map<std::string, std::optional<Deadlines::Handle>> pending;
    std::set<std::string> pending_sync;
    std::optional<JoinWait> join_wait;
    std::optional<Deadlines::Handle> sync_deadline;
    bool new_member_added = false;  // since the initial wait began or was prolonged

  private:
    void count_protocols(const Member& member, int sign);
    std::set<std::string> candidates() const;

    std::string id_;
    GroupSerial serial_;
    GroupState state_ = GroupState::Empty;
    std::optional<WallMs> state_since_;
    std::optional<std::string> leader_;
    std::map<std::string, Member> members_;
    std::map<std::string, std::string> static_members_;  // instance id -> member id
    std::map<std::string, std::size_t> supported_;       // protocol -> members that support it
    std::size_t awaiting_join_ = 0;
    std::optional<std::set<std::string>> subscribed_;
    ScalaTable table_;
    std::uint64_t next_serial_ = 0;
};

}  // namespace bsim::group
