#pragma once
// Members of one group, each a consumer with its application, against brokers in memory in
// simulated time: one topic without failures, and a coordinator that does the least that one must
// (the real one is tested elsewhere). What is done to members and coordinator, tests say.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/protocol/client/consumer.h"

namespace bsim::client_test {

using namespace bsim::client;

// The tiny coordinator. All members of a generation have joined it; a member that is not heard of
// for its session timeout is out.
class FakeGroup {
  public:
    // Who waits for an answer: tells the connection and the correlation id apart.
    using Waiter = std::int64_t;
    using Answer = std::function<void(Waiter, wire::ResponseBody)>;
    explicit FakeGroup(Answer answer) : answer_(std::move(answer)) {}

    void join(SimTime now,
              Waiter waiter,
              const std::string& client,
              const wire::JoinGroupRequest& request);
    void sync(SimTime now, Waiter waiter, const wire::SyncGroupRequest& request);
    wire::HeartbeatResponse heartbeat(SimTime now, const wire::HeartbeatRequest& request);
    wire::LeaveGroupResponse leave(SimTime now, const wire::LeaveGroupRequest& request);
    wire::OffsetCommitResponse commit(SimTime now, const wire::OffsetCommitRequest& request);
    wire::OffsetFetchResponse fetch(const wire::OffsetFetchRequest& request) const;
    // Timers that struck.
    void tick(SimTime now);
    std::optional<SimTime> next_tick() const;

    SimDuration initial_delay = milliseconds(50);
    std::map<TopicPartition, std::int64_t> committed;
    std::int32_t generation = 0;
    std::size_t size() const { return members_.size(); }

  private:
    enum class State { Empty, Preparing, Completing, Stable };
    struct Member {
        std::string client;
        wire::JoinGroupRequest request;
        SimTime deadline;
        std::optional<Waiter> joining;
        std::optional<Waiter> syncing;
        std::vector<std::uint8_t> assignment;
    };
    void rebalance(SimTime now);
    void complete_join(SimTime now);
    void remove(SimTime now, const std::string& id);
    wire::ErrorCode check(SimTime now, const std::string& id, std::int32_t their_generation);

    Answer answer_;
    State state_ = State::Empty;
    std::map<std::string, Member> members_;
    std::set<std::string> pending_;
    std::string leader_;
    std::string protocol_;
    std::optional<SimTime> join_deadline_;
    int next_id_ = 1;
};

class GroupWorld {
  public:
    struct Shape {
        int brokers = 2;
        int partitions = 4;
        SimDuration delay = milliseconds(1);  // one way
        std::uint64_t seed = 1;
    };
    explicit GroupWorld(const Shape& shape);

    // A member that is not started yet; its client id is `name`.
    void add(const std::string& name, ConsumerSettings settings);
    void start(const std::string& name);
    void stop(const std::string& name);  // closes the consumer
    void kill(const std::string& name);  // nothing more is heard of it
    void commit(const std::string& name, bool sync);
    // The application works so long on what its next poll() returns.
    void work(const std::string& name, SimDuration span) { members_.at(name).work = span; }
    void run_for(SimDuration span);

    void append(int partition, int records);
    void move_coordinator(std::int32_t broker);
    void set_partitions(int count) { shape_.partitions = count; }
    // Answers the next requests for this API with an error; None: does not answer at all.
    void inject(wire::ApiKey api, wire::ErrorCode error, int times);

    const std::set<TopicPartition>& owned(const std::string& name) const {
        return members_.at(name).owned;
    }
    bool dead(const std::string& name) const { return members_.at(name).consumer == nullptr; }
    FakeGroup& group() { return group_; }

    SimTime now;
    std::vector<std::string> lines;
    std::int64_t assignments = 0;
    std::int64_t double_owners = 0;  // found when an assignment was told
    std::map<std::string, std::vector<SimTime>> heartbeats;
    // Records that were handed out, by partition, with whom they went to.
    std::map<int, std::vector<std::pair<std::int64_t, std::string>>> handed;

  private:
    struct Member {
        ConsumerSettings settings;
        std::unique_ptr<Consumer> consumer;
        std::optional<SimTime> timer;
        SimDuration work{};
        bool busy = false;
        bool stopping = false;
        std::set<TopicPartition> owned;
        std::int64_t life = 0;
    };
    struct Link {
        std::string member;
        NodeId node;
        std::int32_t broker = 0;
        bool open = false;
    };
    struct Asked {
        ConnectionId connection;
        std::string member;
        std::int64_t life = 0;
        std::int16_t version = 0;
        std::int32_t correlation_id = 0;
    };
    using Action = std::function<void()>;

    void at(SimTime when, Action action);
    void note(const std::string& member, const std::string& what);
    void step(const std::string& name, const ConsumerInput& in);
    void carry_out(const std::string& name, const ConsumerEffect& effect);
    void go_on_after(const std::string& name, SimDuration work);
    void connect(const std::string& name, const Connect& effect);
    void send(const std::string& name, const SendRequest& effect);
    void note_request(const std::string& name, const wire::RequestBody& body);
    void arrive(const Asked& asked, const wire::RequestBody& body);
    void ask_group(const Asked& asked, FakeGroup::Waiter waiter, const wire::RequestBody& body);
    void answer(const Asked& asked, wire::ResponseBody body);
    wire::ResponseBody refusal(const wire::RequestBody& body, wire::ErrorCode error) const;
    wire::ResponseBody api_versions() const;
    wire::ResponseBody metadata(const wire::MetadataRequest& request) const;
    wire::ResponseBody fetch(const wire::FetchRequest& request);
    wire::ResponseBody list_offsets(const wire::ListOffsetsRequest& request) const;
    wire::ResponseBody find_coordinator() const;
    void count_owners();

    Shape shape_;
    std::map<std::string, Member> members_;
    std::map<std::pair<SimTime, std::uint64_t>, Action> queue_;
    std::uint64_t next_event_ = 0;
    std::uint64_t random_;
    std::map<std::pair<std::string, ConnectionId>, Link> links_;
    std::map<FakeGroup::Waiter, Asked> waiting_;
    FakeGroup::Waiter next_waiter_ = 1;
    std::map<wire::ApiKey, std::deque<wire::ErrorCode>> injected_;
    std::map<int, std::int64_t> ends_;
    std::int32_t coordinator_ = 1;
    FakeGroup group_;
};

}  // namespace bsim::client_test
