// Text scripts about several brokers that replicate one partition:
// tests/text/replication/lab_*.txt.

#include <fmt/format.h>

#include <gtest/gtest.h>

#include "tests/unit/protocol/replication_lab.h"
#include "tests/unit/protocol/replication_script.h"

namespace bsim::replication {
namespace {

using test::Command;

class LabScript {
  public:
    void run(const Command& c, std::string& out) {
        if (c.verb == "cluster") {
            LabOptions options;
            options.brokers = c.list("brokers");
            options.min_insync_replicas = static_cast<std::int32_t>(c.number("min_isr", 1));
            options.records_per_fetch = static_cast<std::size_t>(c.number("batch", 100));
            if (c.has("truncation") && c.text("truncation") == "high_watermark")
                options.truncation = Truncation::ByHighWatermark;
            options.unclean_election = c.number("unclean", 0) != 0;
            lab_ = std::make_unique<Lab>(options);
            return;
        }
        act(c, out);
        for (const std::string& line : lab_->story)
            out += line + "\n";
        lab_->story.clear();
    }

  private:
    void act(const Command& c, std::string& out) {
        const BrokerId id(static_cast<std::int32_t>(c.number("broker", 0)));
        if (c.verb == "news") {
            for (const std::int32_t number : c.list("brokers")) {
                while (lab_->deliver_news(BrokerId(number))) {
                }
            }
        } else if (c.verb == "produce") {
            for (std::int64_t i = 0; i < c.number("records", 1); ++i) {
                const auto acks = static_cast<std::int16_t>(c.number("acks", 1));
                const wire::ErrorCode error = lab_->produce(id, next_value_++, acks);
                if (error != wire::ErrorCode::None)
                    out += fmt::format("{}\n", wire::name(error));
            }
        } else if (c.verb == "fetch") {
            for (std::int64_t i = 0; i < c.number("times", 1); ++i)
                fetch(id);
        } else if (c.verb == "fetch-held") {
            // Asked and answered, but the answer is still on its way.
            lab_->send_fetch(id);
            lab_->answer_fetch(id);
        } else if (c.verb == "elect") {
            lab_->elect(id);
        } else if (c.verb == "kill") {
            lab_->kill(id);
        } else if (c.verb == "restart") {
            lab_->restart(id);
        } else if (c.verb == "checkpoint") {
            lab_->checkpoint(id);
        } else if (c.verb == "delete") {
            lab_->delete_records(id, Offset(c.number("before", 0)));
        } else if (c.verb == "alter") {
            lab_->answer_alter(id);
            lab_->deliver_alter(id);
        } else if (c.verb == "answer-alter") {
            lab_->answer_alter(id);
        } else if (c.verb == "one-news") {
            lab_->deliver_news(id);
        } else if (c.verb == "wait") {
            lab_->now = lab_->now + milliseconds(c.number("ms", 0));
        } else if (c.verb == "settle") {
            lab_->settle();
        } else if (c.verb == "logs") {
            show(out);
        } else {
            throw std::invalid_argument(c.line);
        }
    }

    void fetch(BrokerId id) {
        lab_->send_fetch(id);
        lab_->answer_fetch(id);
        lab_->deliver_fetch(id);
        while (lab_->answer_question(id)) {
        }
    }

    // One line a broker: `2 F start=0 hw=3 leo=3: 0:a b 4:c`, where 0: and 4: are leader epochs.
    void show(std::string& out) {
        for (auto& [id, broker] : lab_->brokers()) {
            const std::string_view role = !broker.running ? "-" : broker.leader ? "L" : "F";
            out += fmt::format("{} {} start={} hw={} leo={}:", id.value(), role,
                               broker.log.start().value(), broker.log.hw.value(),
                               broker.log.leo().value());
            std::optional<LeaderEpoch> epoch;
            for (Offset at = broker.log.start(); at < broker.log.leo(); at = at + 1) {
                const FakeRecord& record = broker.log.at(at);
                out += ' ';
                if (record.epoch != epoch)
                    out += fmt::format("{}:", record.epoch.value());
                epoch = record.epoch;
                out += static_cast<char>('a' + record.value);
            }
            out += '\n';
        }
        const PartitionNews& state = lab_->state();
        out += fmt::format(
            "leader={} epoch={} partition-epoch={} isr=", state.leader ? state.leader->value() : -1,
            state.leader_epoch.value(), state.partition_epoch.value());
        for (const BrokerId id : state.isr) {
            out += fmt::format("{}{}", id == state.isr.front() ? "" : ",", id.value());
        }
        out += '\n';
    }

    std::unique_ptr<Lab> lab_;
    std::int64_t next_value_ = 0;
};

TEST(ReplicationText, LabScripts) {
    test::run_scripts("replication", "lab_", [] {
        auto script = std::make_shared<LabScript>();
        return [script](const Command& c, std::string& out) { script->run(c, out); };
    });
}

}  // namespace
}  // namespace bsim::replication
