#pragma once
// A consumer and the application in it against brokers in memory, in simulated time: connections
// with a delay, partitions with a leader and one log each, which tests append to, cut and spoil.
// Brokers keep fetch sessions and hold fetches back as Kafka's do.

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
#include "sim/wire/batch_builder.h"

namespace bsim::client_test {

using namespace bsim::client;

struct LogBatch {
    std::int64_t base = 0;
    std::int64_t last = 0;
    std::int32_t epoch = 0;
    std::vector<std::uint8_t> bytes;
};

struct FakeLog {
    std::optional<std::int32_t> leader;
    std::int32_t epoch = 0;
    std::int64_t start = 0;
    std::vector<LogBatch> batches;
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> aborted;  // first: pid, last
    std::deque<wire::ErrorCode> injected;  // answered to the next requests for this partition

    std::int64_t end() const { return batches.empty() ? start : batches.back().last + 1; }
};

class ConsumerWorld {
  public:
    struct Shape {
        int brokers = 2;
        int partitions = 1;
        SimDuration delay = milliseconds(1);  // one way
        SimDuration work{};                   // of the application, for each batch of records
        SimDuration poll_timeout = seconds(1);
        bool hints = false;
        bool sessions = true;
        bool topic_exists = true;
        std::uint64_t seed = 1;
    };
    ConsumerWorld(ConsumerSettings settings, const Shape& shape);

    // The application.
    void start();
    void seek(int partition, std::int64_t offset);  // before it starts
    void stop() { step(CloseRequested{}); }
    void run_for(SimDuration span);

    // The brokers.
    void append(int partition, int records, const wire::BatchOptions& how, std::size_t bytes);
    void set_leader(int partition, std::optional<std::int32_t> leader, std::int64_t cut_to);
    void spoil(int partition);  // the last batch gets a wrong checksum
    void wake_fetches();        // after a change of the logs
    void kill(std::int32_t broker);
    void cut(std::int32_t broker);
    void forget_sessions(std::int32_t broker) { sessions_.erase(broker); }

    void note(const std::string& what);

    SimTime now;
    std::map<int, FakeLog> logs;
    std::set<std::int32_t> down;
    std::set<std::int32_t> vanished;  // swallow what arrives
    bool topic_exists = true;
    bool metadata_is_fresh = true;  // false: metadata keeps what it showed before
    std::vector<std::string> lines;
    bool record_lines = true;
    // What the application was handed: offset and value, by partition.
    std::map<int, std::vector<std::pair<std::int64_t, std::string>>> handed;
    std::vector<PositionReset> resets;
    std::vector<PollFailed> failures;
    int fetches = 0;

  private:
    struct Link {
        NodeId node;
        std::int32_t broker = 0;
        bool open = false;
        SimTime last_arrival;
        SimTime last_delivery;
        bool busy = false;  // a broker takes the next request up when it has answered the last
        std::deque<wire::Request> waiting;
    };
    struct Parked {
        ConnectionId connection;
        wire::Request request;
        SimTime deadline;
    };
    using WantedList = std::vector<std::pair<std::int32_t, wire::FetchRequest::FetchPartition>>;
    struct Session {
        std::int32_t epoch = 0;
        WantedList partitions;
        std::map<std::int32_t, std::int64_t> told_hw;
    };
    using Action = std::function<void()>;

    void at(SimTime when, Action action);
    void step(const ConsumerInput& in);
    void poll_after(SimDuration work);
    void carry_out(const ConsumerEffect& effect);
    void note_request(const SendRequest& effect);
    void take_records(const RecordsReady& ready);
    void connect(const Connect& effect);
    void send(const SendRequest& effect);
    void arrive(ConnectionId connection, const wire::Request& request);
    void take_up(ConnectionId connection, const wire::Request& request);
    void answer(ConnectionId connection, const wire::Request& request, wire::ResponseBody body);
    wire::ResponseBody handle(std::int32_t broker, const wire::RequestBody& body);
    wire::ApiVersionsResponse api_versions() const;
    wire::MetadataResponse metadata(const wire::MetadataRequest& request);
    wire::ListOffsetsResponse list_offsets(std::int32_t broker,
                                           const wire::ListOffsetsRequest& request);
    wire::OffsetForLeaderEpochResponse end_offsets(
        std::int32_t broker, const wire::OffsetForLeaderEpochRequest& request);
    static WantedList wanted_by(const wire::FetchRequest& request, const Session* session);
    // None: not enough to answer yet.
    std::optional<wire::FetchResponse> fetch(std::int32_t broker,
                                             const wire::FetchRequest& request,
                                             bool last_chance);
    wire::FetchResponse::PartitionData read(std::int32_t broker,
                                            const wire::FetchRequest& request,
                                            const wire::FetchRequest::FetchPartition& ask);
    wire::ErrorCode check(std::int32_t broker, int partition, std::int32_t current_epoch);
    Session* session_of(std::int32_t broker,
                        const wire::FetchRequest& request,
                        wire::ErrorCode& error);

    Shape shape_;
    Consumer consumer_;
    std::uint64_t random_;
    std::map<std::pair<SimTime, std::uint64_t>, Action> queue_;
    std::uint64_t next_event_ = 0;
    std::optional<SimTime> timer_;
    std::map<ConnectionId, Link> links_;
    std::vector<Parked> parked_;
    std::map<std::int32_t, std::map<std::int32_t, Session>> sessions_;  // by broker and id
    std::int32_t next_session_ = 1;
    std::map<int, std::pair<std::optional<std::int32_t>, std::int32_t>> shown_;
    bool stopping_ = false;
    std::int64_t next_value_ = 0;
};

}  // namespace bsim::client_test
