#pragma once
// The producer's sender: turns batches into Produce requests and answers into outcomes.
//
// One turn: settle sequences, get a producer id if one is needed (nothing else is sent before),
// find ready nodes, drain, expire, send, then let the network client ask for metadata and enforce
// its timeouts. The owner repeats turns until one does nothing.
//
// A batch in flight fails by its connection's loss (NETWORK_EXCEPTION), by the request timeout
// (REQUEST_TIMED_OUT) or by the broker's answer; retriable errors put it back with a backoff,
// which a newer leader epoch cuts short. Batches older than delivery.timeout.ms are given up
// wherever they are, but not while a producer id is awaited.
// Source: producer.internals.Sender; KIP-91, KIP-951.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <type_traits>
#include <vector>

#include "sim/protocol/client/idempotence.h"
#include "sim/protocol/client/network_client.h"
#include "sim/protocol/client/producer_io.h"
#include "sim/protocol/client/record_accumulator.h"
#include "sim/protocol/client/settings.h"
#include "sim/wire/messages/init_producer_id_response.h"
#include "sim/wire/messages/produce_response.h"

namespace bsim::client {

struct SenderTurn {
    SimTime now;
    DrawSequence draws;
    ProducerEffects& out;
};

class Sender {
  public:
    explicit Sender(const ProducerSettings& settings);

    void connection_opened(SenderTurn& turn, ConnectionId connection);
    void connection_lost(SenderTurn& turn, ConnectionId connection);
    void response_arrived(SenderTurn& turn, ConnectionId connection, wire::Response response);

    // True if anything was done.
    bool run(SenderTurn& turn);
    // When the next turn is worth while if nothing happens before.
    std::optional<SimTime> next_wake(SimTime now) const;

    // No record is accepted any more; what is there is sent at once.
    void close() { accumulator_.close(); }
    bool is_drained() const;
    void close_connections(SenderTurn& turn);

    RecordAccumulator& accumulator() { return accumulator_; }
    const RecordAccumulator& accumulator() const { return accumulator_; }
    MetadataUpdater& metadata() { return network_.metadata(); }
    const MetadataUpdater& metadata() const { return network_.metadata(); }
    const std::optional<Idempotence>& idempotence() const { return idempotence_; }
    const NetworkClient& network() const { return network_; }

  private:
    // How far the request for a producer id has come.
    struct IdRequest {
        enum class Stage { None, ChooseNode, AwaitNode, PauseBeforeSend, InFlight };
        Stage stage = Stage::None;
        NodeId node;
        SimTime since;                      // of the wait for the node
        std::optional<SimTime> not_before;  // a pause ends then
        std::optional<SimTime> wake_at;     // when to look again if nothing happens
        bool is_retry = false;
        std::int32_t correlation_id = 0;
    };
    using LeaderHints = std::vector<LeaderHint>;
    using PartitionAnswer = wire::ProduceResponse::PartitionProduceResponse;
    using ProducerIdResponse = wire::InitProducerIdResponse;

    // sender.cpp
    Idempotence* idempotence() { return idempotence_ ? &*idempotence_ : nullptr; }
    // Every call of the network client goes through here, so that its effects come out before
    // whatever follows from them.
    template <class Call>
    auto with_network(SenderTurn& turn, Call&& call) {
        const NetworkTurn network_turn{turn.now, turn.draws, network_effects_, responses_};
        if constexpr (std::is_void_v<decltype(call(network_turn))>) {
            call(network_turn);
            flush_network(turn);
        } else {
            auto result = call(network_turn);
            flush_network(turn);
            return result;
        }
    }
    void flush_network(SenderTurn& turn);
    bool send_produce(SenderTurn& turn);
    std::set<NodeId> usable_nodes(SenderTurn& turn, const std::set<NodeId>& ready);
    void send_requests(SenderTurn& turn, const RecordAccumulator::Drained& drained);
    bool expire(SenderTurn& turn);
    std::vector<BatchId> expired_in_flight(SimTime now) const;
    std::optional<SimTime> next_expiry() const;

    // sender_responses.cpp
    void handle_responses(SenderTurn& turn);
    void handle(SenderTurn& turn, ClientResponse& response);
    void handle_produce(SenderTurn& turn,
                        const std::vector<BatchId>& batches,
                        ClientResponse& response);
    void handle_answer(SenderTurn& turn,
                       BatchId id,
                       const PartitionAnswer& answer,
                       LeaderHints& hints);
    void handle_error(SenderTurn& turn,
                      BatchId id,
                      const PartitionAnswer& answer,
                      LeaderHints& hints);
    bool can_retry(SimTime now, const ProducerBatch& batch, const PartitionAnswer& answer);
    void complete(SenderTurn& turn, BatchId id, const PartitionAnswer& answer);
    struct Failure {
        FailureCause cause = FailureCause::Broker;
        wire::ErrorCode error = wire::ErrorCode::None;
        bool adjust_sequences = false;
    };
    void fail(SenderTurn& turn, BatchId id, const Failure& failure);
    void abort_all(SenderTurn& turn, wire::ErrorCode error);
    void release(BatchId id);
    void take_out_of_flight(BatchId id);

    // sender_identity.cpp
    bool drive_id_request(SenderTurn& turn);
    bool id_request_step(SenderTurn& turn);
    bool choose_id_node(SenderTurn& turn);
    bool await_id_node(SenderTurn& turn);
    void send_id_request(SenderTurn& turn);
    void handle_id_response(SenderTurn& turn, ClientResponse& response);
    void retry_id_request(std::optional<SimTime> not_before);
    void announce_identity(SenderTurn& turn) const;

    ProducerSettings settings_;
    bool keep_order_by_muting_;
    NetworkClient network_;
    RecordAccumulator accumulator_;
    std::optional<Idempotence> idempotence_;
    IdRequest id_request_;
    std::map<std::int32_t, std::vector<BatchId>> requests_;     // by correlation id
    std::map<TopicPartition, std::vector<BatchId>> in_flight_;  // sent, without outcome
    std::set<BatchId> awaited_;  // in a request whose answer is still to come
    std::optional<SimTime> next_check_;
    NetworkEffects network_effects_;         // scratch, empty between calls
    std::vector<ClientResponse> responses_;  // scratch, empty between calls
};

}  // namespace bsim::client
