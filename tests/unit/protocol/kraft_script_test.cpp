// Stories of Raft nodes, told in tests/text/kraft/*.txt: commands, "----", what the nodes did, and
// an empty line. BSIM_REWRITE=1 writes the second part anew.
//
//   node ID voters=ID,ID [flush]    stored ID epoch=N [leader=ID] [voted=ID]    log ID epoch=N
//   REC... cut ID OFFSET    quiet    loud    (a log loses its end; effects go unreported) start ID
//   stop ID    power-off ID    shutdown ID timeout=MS    resign ID    prepare ID REC... deliver
//   FROM TO    lose FROM TO    break FROM TO    settle    wait MS draw election=N backoff=N
//   bootstrap=N      (the numbers drawn for each step from here on)

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/unit/protocol/kraft_world.h"

namespace bsim::kraft {
namespace {

std::string text(const std::optional<BrokerId>& id) {
    return id ? std::to_string(id->value()) : "-";
}
std::string text(const std::optional<Offset>& offset) {
    return offset ? std::to_string(offset->value()) : "-";
}
std::string text(const AnswerHead& head) {
    return fmt::format("{} epoch={} leader={}", wire::name(head.error), head.epoch.value(),
                       text(head.leader));
}
std::string text(const std::optional<OffsetAndEpoch>& end) {
    return end ? fmt::format("{}@{}", end->offset.value(), end->epoch.value()) : "-";
}
std::vector<std::int32_t> numbers(const std::vector<BrokerId>& ids) {
    std::vector<std::int32_t> found;
    for (const BrokerId id : ids)
        found.push_back(id.value());
    return found;
}
std::string milliseconds_of(SimTime at) {
    const std::int64_t us = at.ns() / 1000;
    return us % 1000 == 0 ? fmt::format("{}ms", us / 1000) : fmt::format("{}us", us);
}

struct Describe {
    std::string operator()(const FetchRequest& r) const {
        return fmt::format("fetch epoch={} offset={} last={}", r.current_epoch.value(),
                           r.fetch_offset.value(), r.last_fetched_epoch.value());
    }
    std::string operator()(const VoteRequest& r) const {
        return fmt::format("vote epoch={} log={}", r.epoch.value(), text(std::optional(r.log_end)));
    }
    std::string operator()(const BeginQuorumEpochRequest& r) const {
        return fmt::format("begin-quorum-epoch epoch={}", r.epoch.value());
    }
    std::string operator()(const EndQuorumEpochRequest& r) const {
        std::vector<std::int32_t> preferred;
        for (const ReplicaKey& key : r.preferred)
            preferred.push_back(key.id.value());
        return fmt::format("end-quorum-epoch epoch={} preferred={}", r.epoch.value(), preferred);
    }
    std::string operator()(const FetchAnswer& a) const {
        return fmt::format("fetch {} hw={} diverging={} from={}", text(a.head), text(a.hw),
                           text(a.diverging), text(a.read_from));
    }
    std::string operator()(const VoteResponse& a) const {
        return fmt::format("vote {} granted={}", text(a.head), a.granted);
    }
    std::string operator()(const BeginQuorumEpochResponse& a) const {
        return "begin-quorum-epoch " + text(a.head);
    }
    std::string operator()(const EndQuorumEpochResponse& a) const {
        return "end-quorum-epoch " + text(a.head);
    }

    std::string operator()(const PersistQuorumState& e) const {
        const auto voted = e.state.voted ? std::optional(e.state.voted->id) : std::nullopt;
        return fmt::format("persist epoch={} leader={} voted={}", e.state.epoch.value(),
                           text(e.state.leader), text(voted));
    }
    std::string operator()(const AssignLeaderEpoch& e) const {
        return fmt::format("assign-epoch {}", e.epoch.value());
    }
    std::string operator()(const AppendBatches& e) const {
        std::vector<std::string> parts;
        for (const LeaderBatch& batch : e.batches) {
            if (const auto* change = std::get_if<LeaderChangeBatch>(&batch)) {
                parts.push_back(fmt::format("base={} epoch={} leader-change voters={} granting={}",
                                            change->base.value(), change->epoch.value(),
                                            numbers(change->voters), numbers(change->granting)));
                continue;
            }
            const auto& records = std::get<RecordsBatch>(batch);
            std::vector<std::string_view> values;
            for (const SharedBytes& value : records.values)
                values.push_back(as_text(value.view()));
            parts.push_back(fmt::format("base={} epoch={} at={} {}", records.base.value(),
                                        records.epoch.value(), records.timestamp.value(),
                                        fmt::join(values, " ")));
        }
        return fmt::format("append {}", fmt::join(parts, " | "));
    }
    std::string operator()(const AppendFetched& e) const {
        const auto batches = decode_batches(e.records.view());
        return fmt::format("append-fetched {}..{}", batches.front().base.value(),
                           batches.back().end().value());
    }
    std::string operator()(const Truncate& e) const {
        return fmt::format("truncate to={}", e.to.value());
    }
    std::string operator()(const Flush&) const { return "flush"; }
    std::string operator()(const AdvanceHw& e) const {
        return fmt::format("advance-hw {}", e.hw.value());
    }
    std::string operator()(const RoleChanged& e) const {
        return fmt::format("role {} epoch={} leader={}", role_name(e.role), e.epoch.value(),
                           text(e.leader));
    }
    std::string operator()(const AnnounceLeader& e) const {
        return fmt::format("announce epoch={} leader={}", e.epoch.value(), text(e.leader));
    }
    std::string operator()(const VoteCast& e) const {
        return fmt::format("vote-cast candidate={} epoch={} granted={}", e.candidate.value(),
                           e.epoch.value(), e.granted);
    }
    std::string operator()(const SendRequest& e) const {
        return fmt::format("send to={} {}", e.to.value(), std::visit(*this, e.body));
    }
    std::string operator()(const Reply& e) const { return "reply " + std::visit(*this, e.body); }
    std::string operator()(const ArmTimer& e) const {
        return "timer " + (e.at ? milliseconds_of(*e.at) : "-");
    }
    std::string operator()(const ShutdownCompleted& e) const {
        return fmt::format("shutdown-completed timed-out={}", e.timed_out);
    }
    std::string operator()(const Halt& e) const { return "halt: " + e.why; }
};

class Script {
  public:
    Script() {
        world_.draws = [this] { return draws_; };
        world_.on_effect = [this](BrokerId id, const RaftEffect& effect) {
            if (quiet_)
                return;
            out_ += fmt::format("{} {}: {}\n", milliseconds_of(world_.now()), id.value(),
                                std::visit(Describe{}, effect));
        };
    }

    // The output of the commands since the last call.
    std::string run(const std::vector<std::string>& commands) {
        for (const std::string& command : commands)
            run(command);
        return std::exchange(out_, {});
    }

  private:
    void run(const std::string& line) {
        std::istringstream in(line);
        std::string verb;
        in >> verb;
        std::vector<std::string> words;
        for (std::string word; in >> word;)
            words.push_back(word);
        if (verb == "draw")
            return draw(words);
        if (verb == "quiet" || verb == "loud") {
            quiet_ = verb == "quiet";
            return;
        }
        if (verb == "settle")
            return world_.deliver_all(30);
        if (verb == "wait")
            return world_.advance_to(world_.now() + milliseconds(std::stoll(words.at(0))));
        run_on_node(verb, BrokerId(std::stoi(words.at(0))), words);
    }

    void run_on_node(const std::string& verb, BrokerId id, const std::vector<std::string>& words) {
        const std::vector<std::string> rest(words.begin() + 1, words.end());
        if (verb == "node")
            return add_node(id, rest);
        if (verb == "stored")
            return store(id, rest);
        if (verb == "log")
            return log(id, rest);
        if (verb == "cut")
            return cut(id, Offset(std::stoll(rest.at(0))));
        if (verb == "start")
            return world_.start(id);
        if (verb == "stop")
            return world_.stop(id, false);
        if (verb == "power-off")
            return world_.stop(id, true);
        if (verb == "prepare")
            return world_.prepare(id, rest);
        if (verb == "shutdown") {
            return world_.input(id, ShutdownRequested{milliseconds(value(rest, "timeout"))});
        }
        if (verb == "resign") {
            return world_.input(id, ResignRequested{*world_.node(id).raft->leading_epoch()});
        }
        const BrokerId to(std::stoi(rest.at(0)));
        bool found = false;
        if (verb == "deliver")
            found = world_.deliver(id, to);
        if (verb == "lose")
            found = world_.drop(id, to, false);
        if (verb == "break")
            found = world_.drop(id, to, true);
        if (!found)
            out_ += "nothing from " + words.at(0) + " to " + rest.at(0) + "\n";
    }

    static std::string option(const std::vector<std::string>& words, const std::string& key) {
        for (const std::string& word : words) {
            if (word.starts_with(key + "="))
                return word.substr(key.size() + 1);
        }
        return "";
    }
    static std::int64_t value(const std::vector<std::string>& words, const std::string& key) {
        const std::string found = option(words, key);
        return found.empty() ? 0 : std::stoll(found);
    }

    void draw(const std::vector<std::string>& words) {
        draws_ = {static_cast<std::uint64_t>(value(words, "election")),
                  static_cast<std::uint64_t>(value(words, "backoff")),
                  static_cast<std::uint64_t>(value(words, "bootstrap"))};
    }

    void add_node(BrokerId id, const std::vector<std::string>& words) {
        RaftConfig config;
        config.id = id;
        config.directory = Uuid{0, static_cast<std::uint64_t>(id.value())};
        std::istringstream voters(option(words, "voters"));
        for (std::string voter; std::getline(voters, voter, ',');) {
            config.voters.emplace_back(std::stoi(voter));
        }
        config.always_flush = std::find(words.begin(), words.end(), "flush") != words.end();
        world_.add(config);
    }

    void store(BrokerId id, const std::vector<std::string>& words) {
        ElectionState state{LeaderEpoch(static_cast<std::int32_t>(value(words, "epoch"))), {}, {}};
        const auto broker = [](const std::string& word) { return BrokerId(std::stoi(word)); };
        if (const auto leader = option(words, "leader"); !leader.empty()) {
            state.leader = broker(leader);
        }
        if (const auto voted = option(words, "voted"); !voted.empty()) {
            state.voted = ReplicaKey{broker(voted), Uuid{}};
        }
        world_.node(id).stored = state;
    }

    void log(BrokerId id, const std::vector<std::string>& words) {
        TestLog& log = world_.node(id).log;
        const LeaderEpoch epoch(static_cast<std::int32_t>(value(words, "epoch")));
        log.append({log.end_offset(), epoch, {words.begin() + 1, words.end()}});
        log.flush();
    }

    void cut(BrokerId id, Offset to) {
        world_.data_loss = true;
        world_.node(id).log.truncate(to);
    }

    RaftWorld world_;
    RaftDraws draws_;
    bool quiet_ = false;
    std::string out_;
};

// Runs every block of a script; returns the script with the outputs that came.
std::string replay(const std::string& script) {
    Script runner;
    std::string result;
    std::vector<std::string> commands;
    bool in_output = false;
    std::istringstream in(script);
    for (std::string line; std::getline(in, line);) {
        if (line == "----") {
            result += "----\n" + runner.run(std::exchange(commands, {}));
            in_output = true;
        } else if (in_output && line.empty()) {
            result += "\n";
            in_output = false;
        } else if (!in_output) {
            result += line + "\n";
            if (!line.empty() && line.front() != '#')
                commands.push_back(line);
        }
    }
    return result;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(KraftScripts, NodesDoWhatTheStoriesTell) {
    std::vector<std::filesystem::path> scripts;
    for (const auto& entry : std::filesystem::directory_iterator(BSIM_TEST_TEXT "/kraft")) {
        scripts.push_back(entry.path());
    }
    std::sort(scripts.begin(), scripts.end());
    ASSERT_FALSE(scripts.empty());
    for (const auto& path : scripts) {
        SCOPED_TRACE(path.filename().string());
        const std::string expected = read_file(path);
        const std::string actual = replay(expected);
        if (std::getenv("BSIM_REWRITE") != nullptr) {
            std::ofstream(path) << actual;
        } else {
            EXPECT_EQ(actual, expected);
        }
    }
}

}  // namespace
}  // namespace bsim::kraft
