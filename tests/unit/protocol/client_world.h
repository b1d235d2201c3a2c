#pragma once
// A producer against brokers in memory, in simulated time: connections with a delay, partitions
// with a leader and a log, and Kafka's check of sequence numbers. Tests push the brokers about.
// The logs are shared by the brokers, as if every follower were always in sync.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/stable_hash.h"
#include "sim/protocol/client/producer.h"

namespace bsim::client_test {

using namespace bsim::client;

inline constexpr const char* kTopic = "t";

struct LoggedRecord {
    std::uint64_t id = 0;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    std::int32_t sequence = -1;
};

struct FakePartition {
    std::optional<std::int32_t> leader;
    std::int32_t leader_epoch = 0;
    std::vector<LoggedRecord> log;
    struct Batch {
        std::int32_t first = 0;
        std::int32_t last = 0;
        std::int64_t base_offset = 0;
    };
    struct ProducerEntry {
        std::int16_t epoch = -1;
        std::deque<Batch> batches;
    };
    std::map<std::int64_t, ProducerEntry> producers;
    // Answered to the next requests instead of handling them; `after_append` appends all the same.
    struct Injected {
        wire::ErrorCode error = wire::ErrorCode::None;
        bool after_append = false;
    };
    std::deque<Injected> injected;
    std::optional<wire::ErrorCode> sick;  // appends everything and answers it with this
    bool forgets_producers = false;       // sheds its producer state before the next batch
};

class World {
  public:
    struct Shape {
        int brokers = 3;
        int partitions = 3;
        SimDuration delay = milliseconds(1);  // one way
        bool hints = true;                    // NOT_LEADER_OR_FOLLOWER names the leader
        bool topic_exists = true;
        std::uint64_t seed = 1;
    };
    World(ProducerSettings settings, Shape shape);

    static Endpoint endpoint_of(std::int32_t broker) {
        return {"broker-" + std::to_string(broker), 9092};
    }

    // The producer.
    void start() { step(Started{}); }
    void send(std::uint64_t id,
              std::optional<std::int32_t> partition,
              std::optional<std::string> key = std::nullopt,
              std::size_t value_bytes = 20);
    void step(const ProducerInput& in);
    void run_until(SimTime end);
    void run_for(SimDuration span) { run_until(now + span); }

    // The brokers.
    void kill(std::int32_t broker);
    void restart(std::int32_t broker) { down.erase(broker); }
    void pause(std::int32_t broker) { paused.insert(broker); }
    void resume(std::int32_t broker);
    void cut(std::int32_t broker);                                 // breaks its connections
    void vanish(std::int32_t broker) { vanished.insert(broker); }  // swallows what arrives
    void set_leader(std::int32_t partition, std::optional<std::int32_t> leader);
    void inject(std::int32_t partition, wire::ErrorCode error, int times, bool after_append);

    std::uint64_t draw();
    bool chance(std::uint64_t per_mille) { return draw() % 1000 < per_mille; }

    SimTime now;
    ProducerSettings settings;
    Producer producer;
    std::map<std::int32_t, FakePartition> partitions;
    std::set<std::int32_t> down;
    std::set<std::int32_t> paused;
    std::set<std::int32_t> vanished;
    bool topic_exists;
    bool metadata_sees_leaders = true;  // false: metadata keeps what it showed before
    // A paused broker forgets what came over connections that broke meanwhile. (Kafka's would still
    // handle it, long after the client sent it again elsewhere.)
    bool forgets_broken_requests = false;
    std::vector<std::string> lines;  // what happened, one line each
    bool record_lines = true;
    std::map<std::uint64_t, int> outcomes;
    std::set<std::uint64_t> acked;
    std::set<std::uint64_t> surely_lost;
    std::vector<SimTime> ack_times;
    std::vector<SimTime> produce_times;
    int produces = 0;

  private:
    struct Link {
        NodeId node;
        std::int32_t broker = 0;
        bool open = false;
        SimTime last_arrival;
        SimTime last_delivery;
    };
    using Action = std::function<void()>;

    void at(SimTime when, Action action);
    void carry_out(const ProducerEffect& effect);
    void connect(const Connect& effect);
    void arrive(ConnectionId connection, const wire::Request& request, bool answer);
    void deliver(ConnectionId connection, wire::Response response);
    void note(const std::string& what);
    void note_request(const SendRequest& effect);
    void note_outcome(const ProducerEffect& effect);
    wire::ResponseBody handle(std::int32_t broker, const wire::RequestBody& body);
    wire::ResponseBody handle_produce(std::int32_t broker, const wire::ProduceRequest& request);
    wire::ResponseBody handle_metadata(const wire::MetadataRequest& request);
    wire::ProduceResponse::PartitionProduceResponse handle_batch(
        std::int32_t broker,
        FakePartition& partition,
        const wire::ProduceRequest::PartitionProduceData& data);

    Shape shape_;
    std::uint64_t random_;
    std::map<std::pair<SimTime, std::uint64_t>, Action> queue_;
    std::uint64_t next_event_ = 0;
    std::optional<SimTime> timer_;
    std::map<ConnectionId, Link> links_;
    std::map<std::int32_t, std::vector<Action>> held_;  // for paused brokers
    std::map<std::int32_t, std::pair<std::optional<std::int32_t>, std::int32_t>> shown_leaders_;
    std::int64_t next_producer_id_ = 1000;
    ProducerEffects effects_;
};

// "12.5ms"
std::string show(SimTime time);

}  // namespace bsim::client_test
