// Text scripts about one PartitionLeader: tests/text/replication/leader_*.txt.

#include <fmt/format.h>
#include <memory>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/protocol/replication/isr_expiration.h"
#include "sim/protocol/replication/partition_leader.h"
#include "tests/unit/protocol/replication_fakes.h"
#include "tests/unit/protocol/replication_script.h"

namespace bsim::replication {
namespace {

using test::Command;
using wire::ErrorCode;

std::vector<BrokerId> ids(const std::vector<std::int32_t>& numbers) {
    return {numbers.begin(), numbers.end()};
}

std::string show(const std::vector<BrokerId>& set) {
    std::string text;
    for (const BrokerId id : set)
        text += (text.empty() ? "" : ",") + std::to_string(id.value());
    return text;
}

struct Printer {
    std::string operator()(const StartEpoch& e) const {
        return fmt::format("start-epoch {} at {}", e.epoch.value(), e.offset.value());
    }
    std::string operator()(const AdvanceHw& e) const {
        return fmt::format("advance-hw {}", e.hw.value());
    }
    std::string operator()(const WakeFetches&) const { return "wake-fetches"; }
    std::string operator()(const CompleteProduces& e) const {
        return fmt::format("complete-produces {}", e.hw.value());
    }
    std::string operator()(const CompleteDeletes&) const { return "complete-deletes"; }
    std::string operator()(const ProposeIsr& e) const {
        std::string members;
        for (const IsrMember& m : e.proposal.isr) {
            members += fmt::format(" {}/{}", m.id.value(), m.epoch ? m.epoch->value() : -1);
        }
        return fmt::format("propose-isr{} leader-epoch={} partition-epoch={}", members,
                           e.proposal.leader_epoch.value(), e.proposal.partition_epoch.value());
    }
    std::string operator()(const ProposalDropped& e) const {
        return fmt::format("drop-proposal partition-epoch={}", e.proposal.partition_epoch.value());
    }
    std::string operator()(const IsrCommitted& e) const {
        return fmt::format("isr-committed {} added=({}) removed=({}){}", show(e.isr), show(e.added),
                           show(e.removed), e.proposed ? " proposed" : "");
    }
};

ErrorCode error_named(std::string_view text) {
    for (std::int16_t code = -1; code < 150; ++code) {
        if (wire::name(static_cast<ErrorCode>(code)) == text)
            return static_cast<ErrorCode>(code);
    }
    throw std::invalid_argument(std::string(text));
}

class LeaderScript {
  public:
    void run(const Command& c, std::string& out) {
        LeaderEffects effects;
        const LeaderContext ctx{now_, cluster_};
        if (c.verb == "partition") {
            start(c, ctx, effects);
        } else if (c.verb == "wait") {
            now_ = now_ + milliseconds(c.number("ms", 0));
        } else if (c.verb == "broker") {
            set_broker(c);
        } else if (c.verb == "zookeeper") {
            cluster_.epochs = false;
        } else if (c.verb == "config") {
            config_.min_insync_replicas = static_cast<std::int32_t>(c.number("min_isr", 1));
            leader_->config_changed(config_);
        } else if (c.verb == "append") {
            leader_->local_appended(ctx, Offset(c.number("leo", 0)), effects);
        } else if (c.verb == "log-start") {
            leader_->log_start_moved(ctx, Offset(c.number("offset", 0)), effects);
        } else if (c.verb == "fetched") {
            fetched(c, ctx, effects, out);
        } else if (c.verb == "isr-check") {
            leader_->isr_check_due(ctx, effects);
        } else if (c.verb == "accepted" || c.verb == "refused") {
            answer(c, ctx, effects);
        } else if (c.verb == "metadata") {
            leader_->metadata_changed(ctx, news(c), effects);
        } else if (!ask(c, out)) {
            throw std::invalid_argument(c.line);
        }
        for (const LeaderEffect& effect : effects) {
            if (const auto* propose = std::get_if<ProposeIsr>(&effect)) {
                proposals_.push_back(propose->proposal);
            }
            out += std::visit(Printer{}, effect) + "\n";
        }
    }

  private:
    PartitionNews news(const Command& c) const {
        PartitionNews news;
        news.leader = BrokerId(1);
        news.replicas = c.has("replicas") ? ids(c.list("replicas")) : replicas_;
        news.isr = ids(c.list("isr"));
        const bool leading = leader_ != nullptr;
        news.leader_epoch = LeaderEpoch(static_cast<std::int32_t>(
            c.number("epoch", leading ? leader_->leader_epoch().value() : 0)));
        news.partition_epoch =
            PartitionEpoch(static_cast<std::int32_t>(c.number("partition-epoch", 0)));
        return news;
    }

    void start(const Command& c, const LeaderContext& ctx, LeaderEffects& effects) {
        replicas_ = ids(c.list("replicas"));
        for (const BrokerId id : replicas_) {
            cluster_.brokers.try_emplace(id, BrokerStatus{BrokerEpoch(100 + id.value())});
        }
        cluster_.own = BrokerEpoch(101);
        config_.min_insync_replicas = static_cast<std::int32_t>(c.number("min_isr", 1));
        const Offset leo(c.number("leo", 0));
        leader_ = std::make_unique<PartitionLeader>(
            ctx,
            PartitionLeader::Start{BrokerId(1), news(c), Offset(c.number("start", 0)),
                                   Offset(c.number("hw", leo.value())), leo, config_},
            effects);
    }

    void set_broker(const Command& c) {
        BrokerStatus& status =
            cluster_.brokers[BrokerId(static_cast<std::int32_t>(c.number("id", 0)))];
        if (c.has("gone")) {
            cluster_.brokers.erase(BrokerId(static_cast<std::int32_t>(c.number("id", 0))));
            return;
        }
        status.epoch = BrokerEpoch(c.number("epoch", status.epoch.value()));
        status.fenced = c.has("fenced");
        status.in_controlled_shutdown = c.has("stopping");
    }

    void fetched(const Command& c,
                 const LeaderContext& ctx,
                 LeaderEffects& effects,
                 std::string& out) {
        FollowerFetched in;
        in.replica = BrokerId(static_cast<std::int32_t>(c.number("broker", 0)));
        in.fetch_offset = Offset(c.number("offset", 0));
        in.log_start = Offset(c.number("start", 0));
        in.leader_leo = Offset(c.number("leader-leo", leader_->leo().value()));
        const std::int64_t epoch = c.number("epoch", 100 + in.replica.value());
        if (epoch >= 0)
            in.broker_epoch = BrokerEpoch(epoch);
        const ErrorCode error = leader_->follower_fetched(ctx, in, effects);
        if (error != ErrorCode::None)
            out += fmt::format("error {}\n", wire::name(error));
    }

    void answer(const Command& c, const LeaderContext& ctx, LeaderEffects& effects) {
        // Answers the newest proposal, or the n-th one back.
        const auto back = static_cast<std::size_t>(c.number("back", 0));
        const IsrProposal& proposal = proposals_.at(proposals_.size() - 1 - back);
        if (c.verb == "refused") {
            leader_->isr_answered(ctx, proposal, error_named(c.text("error")), effects);
            return;
        }
        IsrAccepted accepted;
        accepted.leader_epoch = LeaderEpoch(
            static_cast<std::int32_t>(c.number("epoch", proposal.leader_epoch.value())));
        accepted.partition_epoch = PartitionEpoch(static_cast<std::int32_t>(
            c.number("partition-epoch", proposal.partition_epoch.value() + 1)));
        for (const IsrMember& member : proposal.isr)
            accepted.isr.push_back(member.id);
        leader_->isr_answered(ctx, proposal, accepted, effects);
    }

    bool ask(const Command& c, std::string& out) const {
        if (c.verb == "produce") {
            const auto acks = static_cast<std::int16_t>(c.number("acks", -1));
            out += fmt::format("{}\n", wire::name(leader_->admit_produce(acks)));
        } else if (c.verb == "status") {
            const auto status = leader_->produce_status(Offset(c.number("required", 0)));
            out += fmt::format("{}\n", status ? wire::name(*status) : "pending");
        } else if (c.verb == "list-latest") {
            out += fmt::format("{}\n", wire::name(leader_->latest_offset_status()));
        } else if (c.verb == "admit") {
            std::optional<LeaderEpoch> epoch;
            if (c.has("epoch"))
                epoch = LeaderEpoch(static_cast<std::int32_t>(c.number("epoch", 0)));
            const BrokerId id(static_cast<std::int32_t>(c.number("broker", 0)));
            out += fmt::format("{}\n", wire::name(leader_->admit_follower(id, epoch)));
        } else if (c.verb == "state") {
            static constexpr std::string_view kStates[] = {"committed", "expanding", "shrinking"};
            out += fmt::format("leo={} hw={} isr={} maximal={} {} partition-epoch={}\n",
                               leader_->leo().value(), leader_->hw().value(), show(leader_->isr()),
                               show(leader_->maximal_isr()),
                               kStates[static_cast<std::size_t>(leader_->isr_state())],
                               leader_->partition_epoch().value());
        } else if (c.verb == "low-watermark") {
            out += fmt::format("{}\n", leader_->low_watermark(cluster_).value());
        } else {
            return false;
        }
        return true;
    }

    SimTime now_{milliseconds(1000).ns()};
    FakeCluster cluster_;
    LeaderConfig config_;
    std::vector<BrokerId> replicas_;
    std::vector<IsrProposal> proposals_;
    std::unique_ptr<PartitionLeader> leader_;
};

TEST(ReplicationText, LeaderScripts) {
    test::run_scripts("replication", "leader_", [] {
        auto script = std::make_shared<LeaderScript>();
        return [script](const Command& c, std::string& out) { script->run(c, out); };
    });
}

}  // namespace
}  // namespace bsim::replication
