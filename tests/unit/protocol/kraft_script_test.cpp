// Stories of Raft nodes, told in tests/text/kraft/*.txt: commands, "----", what the nodes did, and
// an empty line. BSIM_REWRITE=1 writes the second part anew. A rule that is broken (kraft_world.h)
// shows as VIOLATED.
//
//   node ID voters=ID,ID [flush] [chunk=BYTES] [retention-bytes=N] [retention-ms=N] [clean-ms=N]
//        [pre-vote] [no-check-quorum] [commit-any-epoch] [volatile-vote]
//   stored ID epoch=N [leader=ID] [voted=ID]    what its quorum-state holds
//   log ID epoch=N REC...    stored-snapshot ID end=OFFSET epoch=N state=TEXT [log-starts]
//   cut ID OFFSET            a log loses its end
//   start ID    stop ID    power-off ID    wipe ID    shutdown ID timeout=MS    resign ID
//   prepare ID REC...        snapshot ID (its state machine wants one, of what it has applied)
//   deliver FROM TO    lose FROM TO    break FROM TO    settle    wait MS
//   clear                    all messages under way are lost without a word
//   ask FROM TO fetch epoch=N offset=N last=N [max-wait=MS]
//   ask FROM TO fetch-snapshot epoch=N end=OFFSET snapshot-epoch=N position=N max=N
//   ask FROM TO vote|pre-vote epoch=N offset=N last=N    ask FROM TO describe-quorum
//   ask FROM TO begin-quorum-epoch epoch=N      (an answer to what was asked goes nowhere)
//   draw election=N backoff=N bootstrap=N    numbers drawn for each step from here on
//   quiet    loud    effects go unreported, or are reported again

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/unit/protocol/kraft_describe.h"
#include "tests/unit/protocol/kraft_world.h"

namespace bsim::kraft {
namespace {

class Script {
  public:
    Script() {
        world_.draws = [this] { return draws_; };
        world_.waived = {"Halted"};
        world_.on_violation = [this](const std::string& rule, const std::string& what) {
            out_ += "VIOLATED " + rule + ": " + what + "\n";
        };
        world_.on_effect = [this](BrokerId id, const RaftEffect& effect) {
            if (quiet_)
                return;
            out_ += fmt::format("{} {}: {}\n", milliseconds_of(world_.now()), id.value(),
                                describe(effect));
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
        if (verb == "clear")
            return world_.lose_all();
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
        if (verb == "wipe")
            return world_.wipe(id);
        if (verb == "prepare")
            return world_.prepare(id, rest);
        if (verb == "snapshot")
            return world_.want_snapshot(id);
        if (verb == "stored-snapshot")
            return add_snapshot(id, rest);
        if (verb == "ask")
            return ask(id, rest);
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
        const auto has = [&words](const char* word) {
            return std::find(words.begin(), words.end(), word) != words.end();
        };
        config.always_flush = has("flush");
        config.pre_vote = has("pre-vote");
        config.leader_resign_on_no_fetch = !has("no-check-quorum");
        config.commit_own_epoch_only = !has("commit-any-epoch");
        config.persist_vote = !has("volatile-vote");
        if (!config.persist_vote)
            world_.waived.insert("PersistBeforeSpeaking");
        if (value(words, "chunk") > 0)
            config.snapshot_chunk_bytes = value(words, "chunk");
        if (value(words, "retention-bytes") > 0)
            config.retention_bytes = value(words, "retention-bytes");
        if (value(words, "retention-ms") > 0)
            config.retention = milliseconds(value(words, "retention-ms"));
        if (value(words, "clean-ms") > 0)
            config.clean_interval = milliseconds(value(words, "clean-ms"));
        world_.add(config);
    }

    static LeaderEpoch epoch_of(const std::vector<std::string>& words, const char* key) {
        return LeaderEpoch(static_cast<std::int32_t>(value(words, key)));
    }

    void add_snapshot(BrokerId id, const std::vector<std::string>& words) {
        world_.node(id).log.add_snapshot(
            {epoch_of(words, "epoch"), Offset(value(words, "end"))},
            std::to_string(value(words, "end")) + " " + option(words, "state"), WallMs(0));
        if (std::find(words.begin(), words.end(), "log-starts") != words.end())
            world_.node(id).log.truncate_to_latest_snapshot();
    }

    void ask(BrokerId from, const std::vector<std::string>& words) {
        const BrokerId to(std::stoi(words.at(0)));
        const std::string& what = words.at(1);
        const ReplicaKey asker{from, Uuid{0, static_cast<std::uint64_t>(from.value())}};
        const LeaderEpoch epoch = epoch_of(words, "epoch");
        const OffsetAndEpoch end{epoch_of(words, "last"), Offset(value(words, "offset"))};
        RaftRequest request;
        if (what == "fetch") {
            request = FetchRequest{asker, epoch, end.offset, end.epoch,
                                   milliseconds(value(words, "max-wait"))};
        } else if (what == "fetch-snapshot") {
            request = FetchSnapshotRequest{
                asker,
                epoch,
                {epoch_of(words, "snapshot-epoch"), Offset(value(words, "end"))},
                value(words, "position"),
                value(words, "max")};
        } else if (what == "describe-quorum") {
            request = DescribeQuorumRequest{};
        } else if (what == "begin-quorum-epoch") {
            request = BeginQuorumEpochRequest{from, epoch, std::nullopt};
        } else {
            request = VoteRequest{asker, epoch, end, std::nullopt, what == "pre-vote"};
        }
        world_.ask(BrokerId(-1), to, CorrelationId(0), request);
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
        for (const char* rule : {"LeaderHasCommitted", "ConsistentCommittedData",
                                 "MonotonicHighWatermark", "MajorityReachedHighWatermark"}) {
            world_.waived.insert(rule);
        }
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
        std::string actual;
        try {
            actual = replay(expected);
        } catch (const std::exception& error) {
            ADD_FAILURE() << error.what();
            continue;
        }
        if (std::getenv("BSIM_REWRITE") != nullptr) {
            std::ofstream(path) << actual;
        } else {
            EXPECT_EQ(actual, expected);
        }
    }
}

}  // namespace
}  // namespace bsim::kraft
