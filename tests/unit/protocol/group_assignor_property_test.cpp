// What must hold of any assignment, over groups drawn at random that live through joins, leaves and
// growing topics: each partition once and to a subscriber, evenly shared, and with the sticky
// assignors nothing moved without need. Draws come from a counter, so each seed is one story.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/base/stable_hash.h"
#include "sim/protocol/rules/assignors/assignor.h"

namespace bsim::group {
namespace {

using Owners = std::map<TopicPartition, std::size_t>;

class Draws {
  public:
    explicit Draws(std::uint64_t seed) : seed_(mix64(seed)) {}
    std::size_t below(std::size_t bound) { return mix64(seed_ + ++drawn_) % bound; }
    bool one_in(std::size_t n) { return below(n) == 0; }

  private:
    std::uint64_t seed_;
    std::uint64_t drawn_ = 0;
};

// A group over its generations.
class Group {
  public:
    Group(std::uint64_t seed, AssignorKind kind, bool same_topics)
        : draws_(seed), assignor_(kind), same_topics_(same_topics) {
        for (std::size_t i = 0, n = 1 + draws_.below(5); i < n; ++i)
            topics_["t" + std::to_string(i)] = {static_cast<std::int32_t>(1 + draws_.below(9)), {}};
        for (std::size_t i = 0, n = 1 + draws_.below(7); i < n; ++i)
            join();
    }

    void join() {
        GroupMember member{"m" + std::to_string(draws_.below(1000000)), std::nullopt, {}};
        if (draws_.one_in(3))
            member.instance_id = "i" + member.member_id;
        for (const auto& [topic, layout] : topics_) {
            if (same_topics_ || draws_.one_in(2))
                member.subscription.topics.push_back(topic);
        }
        if (member.subscription.topics.empty())
            member.subscription.topics.push_back("t0");
        members_.push_back(std::move(member));
    }
    void leave() {
        members_.erase(members_.begin() +
                       static_cast<std::ptrdiff_t>(draws_.below(members_.size())));
    }
    void grow() { ++topics_.begin()->second.partitions; }

    // One rebalance; what each has is then what it owned before the next one.
    void rebalance() {
        const auto assigned = assignor_.assign(topics_, members_);
        ASSERT_TRUE(assigned.ok());
        assigned_ = *assigned;
        const auto again = Assignor(assignor_.kind()).assign(topics_, members_);
        EXPECT_EQ(*again, assigned_);
        const GenerationId generation(++generation_);
        for (std::size_t i = 0; i < members_.size(); ++i) {
            Assignor own(assignor_.kind());
            own.on_assignment(assigned_[i], generation);
            members_[i].subscription.owned = assigned_[i];
            members_[i].subscription.generation = generation;
            members_[i].subscription.user_data = own.subscription_user_data();
        }
    }

    Draws& draws() { return draws_; }
    const std::vector<GroupMember>& members() const { return members_; }
    const TopicLayouts& topics() const { return topics_; }
    const Assigned& assigned() const { return assigned_; }

    bool subscribed(std::size_t member, const std::string& topic) const {
        const auto& topics = members_[member].subscription.topics;
        return std::find(topics.begin(), topics.end(), topic) != topics.end();
    }
    std::size_t subscribers(const std::string& topic) const {
        std::size_t count = 0;
        for (std::size_t i = 0; i < members_.size(); ++i)
            count += subscribed(i, topic) ? 1 : 0;
        return count;
    }
    std::size_t of_topic(std::size_t member, const std::string& topic) const {
        return static_cast<std::size_t>(
            std::count_if(assigned_[member].begin(), assigned_[member].end(),
                          [&](const TopicPartition& each) { return each.topic == topic; }));
    }
    // By member id, which outlives a place in the list.
    std::map<TopicPartition, std::string> owner_ids() const {
        std::map<TopicPartition, std::string> ids;
        for (std::size_t i = 0; i < members_.size(); ++i) {
            for (const TopicPartition& each : assigned_[i])
                ids[each] = members_[i].member_id;
        }
        return ids;
    }

  private:
    Draws draws_;
    Assignor assignor_;
    bool same_topics_;
    TopicLayouts topics_;
    std::vector<GroupMember> members_;
    Assigned assigned_;
    std::int32_t generation_ = 0;
};

// Who has what; says so if a partition does not exist, is nobody's business, or has two owners.
Owners owners_of(const Group& group) {
    Owners owners;
    for (std::size_t member = 0; member < group.assigned().size(); ++member) {
        for (const TopicPartition& each : group.assigned()[member]) {
            EXPECT_TRUE(group.subscribed(member, each.topic)) << each.to_string();
            EXPECT_LT(each.partition.value(), group.topics().at(each.topic).partitions);
            EXPECT_TRUE(owners.emplace(each, member).second) << each.to_string() << " twice";
        }
    }
    return owners;
}

std::size_t partitions_wanted(const Group& group) {
    std::size_t count = 0;
    for (const auto& [topic, layout] : group.topics()) {
        if (group.subscribers(topic) > 0)
            count += static_cast<std::size_t>(layout.partitions);
    }
    return count;
}

void expect_complete(const Group& group) {
    EXPECT_EQ(owners_of(group).size(), partitions_wanted(group));
}

void expect_even(const Group& group) {
    std::vector<std::size_t> counts;
    for (const auto& partitions : group.assigned())
        counts.push_back(partitions.size());
    const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
    EXPECT_LE(*most - *least, 1U);
}

// Nobody could take a partition from somebody who has two more.
void expect_as_even_as_topics_allow(const Group& group) {
    for (const auto& [partition, owner] : owners_of(group)) {
        for (std::size_t other = 0; other < group.members().size(); ++other) {
            if (group.subscribed(other, partition.topic)) {
                EXPECT_LE(group.assigned()[owner].size(), group.assigned()[other].size() + 1)
                    << partition.to_string();
            }
        }
    }
}

// Joins, leaves, growth, whatever comes.
void change(Group& group) {
    if (group.draws().one_in(3) && group.members().size() > 1)
        group.leave();
    if (group.draws().one_in(3))
        group.join();
    if (group.draws().one_in(6))
        group.grow();
}

template <class Check>
void over_stories(AssignorKind kind, bool same_topics, Check check) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Group group(seed, kind, same_topics);
        for (int step = 0; step < 6; ++step) {
            group.rebalance();
            check(group);
            change(group);
        }
        if (::testing::Test::HasFailure())
            return;
    }
}

TEST(AssignorProperty, RangeSharesEachTopicInContiguousRuns) {
    over_stories(AssignorKind::Range, false, [](const Group& group) {
        expect_complete(group);
        for (std::size_t member = 0; member < group.members().size(); ++member) {
            for (const auto& [topic, layout] : group.topics()) {
                const auto wanted = static_cast<std::size_t>(layout.partitions);
                const std::size_t has = group.of_topic(member, topic);
                const std::size_t all = std::max<std::size_t>(group.subscribers(topic), 1);
                if (group.subscribed(member, topic)) {
                    EXPECT_GE(has, wanted / all);
                    EXPECT_LE(has, (wanted + all - 1) / all);
                }
                std::set<std::int32_t> run;
                for (const TopicPartition& each : group.assigned()[member]) {
                    if (each.topic == topic)
                        run.insert(each.partition.value());
                }
                if (has > 0) {
                    EXPECT_EQ(*run.rbegin() - *run.begin() + 1, static_cast<int>(has));
                }
            }
        }
    });
}

TEST(AssignorProperty, RoundRobinIsCompleteAndEvenIfTopicsAreTheSame) {
    over_stories(AssignorKind::RoundRobin, false,
                 [](const Group& group) { expect_complete(group); });
    over_stories(AssignorKind::RoundRobin, true, [](const Group& group) {
        expect_complete(group);
        expect_even(group);
    });
}

TEST(AssignorProperty, StickyIsCompleteAndEven) {
    over_stories(AssignorKind::Sticky, true, [](const Group& group) {
        expect_complete(group);
        expect_even(group);
    });
    over_stories(AssignorKind::Sticky, false, [](const Group& group) {
        expect_complete(group);
        expect_as_even_as_topics_allow(group);
    });
}

TEST(AssignorProperty, StickyMovesNothingWhenNothingChanges) {
    for (const bool same_topics : {true, false}) {
        over_stories(AssignorKind::Sticky, same_topics, [](Group group) {
            const auto before = group.owner_ids();
            group.rebalance();
            EXPECT_EQ(group.owner_ids(), before);
        });
    }
}

TEST(AssignorProperty, StickyLetsTheRestKeepWhatTheyHaveWhenOneLeaves) {
    over_stories(AssignorKind::Sticky, true, [](Group group) {
        if (group.members().size() < 2)
            return;
        auto before = group.owner_ids();
        group.leave();
        group.rebalance();
        for (const auto& [partition, owner] : group.owner_ids()) {
            const std::string& owned_by = before[partition];
            const bool left =
                std::none_of(group.members().begin(), group.members().end(),
                             [&](const GroupMember& m) { return m.member_id == owned_by; });
            EXPECT_TRUE(left || owner == owned_by) << partition.to_string();
        }
    });
}

TEST(AssignorProperty, StickyMovesPartitionsOnlyToWhoJoins) {
    over_stories(AssignorKind::Sticky, true, [](Group group) {
        auto before = group.owner_ids();
        group.join();
        group.rebalance();
        for (const auto& [partition, owner] : group.owner_ids()) {
            EXPECT_TRUE(owner == before[partition] || owner == group.members().back().member_id)
                << partition.to_string();
        }
    });
}

// A partition is withheld only if somebody owned it, and one more round hands all of them out.
TEST(AssignorProperty, CooperativeTakesBeforeItGives) {
    for (const bool same_topics : {true, false}) {
        over_stories(AssignorKind::CooperativeSticky, same_topics, [](Group group) {
            change(group);
            std::map<TopicPartition, std::string> owned;
            for (const GroupMember& member : group.members()) {
                for (const TopicPartition& each : member.subscription.owned)
                    owned[each] = member.member_id;
            }
            group.rebalance();
            const std::size_t given = owners_of(group).size();
            const auto first = group.owner_ids();
            std::size_t withheld = 0;
            for (const auto& [partition, owner] : owned) {
                const auto now = first.find(partition);
                withheld += now == first.end() && group.subscribers(partition.topic) > 0 ? 1 : 0;
                if (now != first.end()) {
                    EXPECT_EQ(now->second, owner) << partition.to_string();
                }
            }
            EXPECT_EQ(given + withheld, partitions_wanted(group));
            group.rebalance();
            expect_complete(group);
            const auto second = group.owner_ids();
            for (const auto& [partition, owner] : first)
                EXPECT_EQ(second.at(partition), owner) << partition.to_string();
        });
    }
}

// Partition p has its replicas in rack p % 3 alone; member i sits in rack i.
TEST(AssignorProperty, WhereRacksFitEveryPartitionIsReadInItsRack) {
    for (const char* kind : {"range", "sticky", "cooperative-sticky"}) {
        TopicLayouts topics;
        for (const char* topic : {"a", "b"}) {
            topics[topic].partitions = 6;
            for (int p = 0; p < 6; ++p)
                topics[topic].replica_racks.push_back({"rack" + std::to_string(p % 3)});
        }
        std::vector<GroupMember> members;
        for (int i = 0; i < 3; ++i) {
            GroupMember member{"m" + std::to_string(i), std::nullopt, {}};
            member.subscription.topics = {"a", "b"};
            member.subscription.rack = "rack" + std::to_string(i);
            members.push_back(member);
        }
        const auto assigned = Assignor(*find_assignor(kind)).assign(topics, members);
        ASSERT_TRUE(assigned.ok());
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_EQ((*assigned)[i].size(), 4U) << kind;
            for (const TopicPartition& each : (*assigned)[i])
                EXPECT_EQ(each.partition.value() % 3, static_cast<int>(i)) << kind;
        }
    }
}

TEST(AssignorProperty, AThousandMembersGetTwoPartitionsEach) {
    TopicLayouts topics{{"t", {2000, {}}}};
    std::vector<GroupMember> members;
    for (int i = 0; i < 1000; ++i) {
        members.push_back({"m" + std::to_string(i), std::nullopt, {}});
        members.back().subscription.topics = {"t"};
    }
    for (const char* kind : {"range", "roundrobin", "sticky", "cooperative-sticky"}) {
        const auto assigned = Assignor(*find_assignor(kind)).assign(topics, members);
        ASSERT_TRUE(assigned.ok());
        for (const auto& partitions : *assigned)
            EXPECT_EQ(partitions.size(), 2U) << kind;
    }
}

}  // namespace
}  // namespace bsim::group
