#pragma once
// The part of churn-budget that is about consumer groups: which rebalances have a reason.
//
// A rebalance has one if, since the generation before it was completed, a member joined or left,
// the coordinator moved or was in trouble, topics or their partitions came or went, or that
// generation took a partition from somebody without giving it to another (a cooperative protocol's
// first half), be it that it took it anew, or that one who was slow to hear still held it. Whether
// a join or a departure has a reason of its own is judged too: a member that the coordinator struck
// off for its silence must have been in trouble since it joined, and a client that joins while it
// counts as a member must have been started anew, or been in trouble.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/check/cluster_view.h"

namespace bsim {

class GroupChurn {
  public:
    // Did anything befall the node since that event?
    using Explained = std::function<bool(const NodeName& node, EventNumber since)>;
    struct Complaint {
        EventNumber i;
        SimTime t;
        std::string what;
    };

    void on(const Event& event, const ClusterView& view, const Explained& explained);
    // What the event brought to light; taken once.
    std::vector<Complaint> take_complaints() { return std::move(complaints_); }
    // Rebalances that were judged by the event; taken once.
    std::size_t take_judged();
    bool any_group() const { return !groups_.empty(); }

  private:
    struct Member {
        std::string client;
        EventNumber joined;
    };
    struct Started {
        EventNumber i;
        SimTime t;
        std::string why;
    };
    struct Group {
        std::map<std::string, Member> members;
        std::map<std::string, EventNumber> clients;         // when each joined last
        std::set<TopicPartition> assigned;                  // in the generation completed last
        std::map<NodeName, std::set<TopicPartition>> held;  // by consumers that run
        std::optional<NodeName> coordinator;
        std::optional<EventNumber> first;  // completed generation
        std::map<std::string, EventNumber>
            gone;           // clients that left by request: when they had joined
        EventNumber since;  // the generation completed last
        std::optional<Started> started;
        bool cause = false;
        std::vector<std::string> without_reason;
    };

    void on_joined(const Event& event, const MemberJoined& e, const Explained& explained);
    void on_left(const MemberLeft& e, const Explained& explained);
    void on_completed(const Event& event,
                      const RebalanceCompleted& e,
                      const ClusterView& view,
                      const Explained& explained);
    void judge(const std::string& name,
               Group& group,
               const ClusterView& view,
               const Explained& explained);
    void told_by(const Event& event, const std::string& group);
    void on_stopped(const NodeName& node);
    // Is there a partition, of before or in somebody's hands, that the generation gives to nobody?
    // Do new or deleted topics explain the rebalance?
    bool topics_explain(const Group& group, const Started& started) const;
    void note_topics(const Event& event);
    static bool leaves_some_out(const Group& group, const std::set<TopicPartition>& assigned);

    std::map<std::string, Group> groups_;
    std::map<std::string, EventNumber> node_started_;
    EventNumber topics_changed_;
    SimTime topics_changed_at_;
    std::vector<Complaint> complaints_;
    std::size_t judged_ = 0;
};

}  // namespace bsim
