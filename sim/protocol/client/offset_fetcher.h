#pragma once
// Finds where to read from: looks positions up that are missing (ListOffsets, as
// auto.offset.reset says), and has the leader confirm positions after it changed
// (OffsetForLeaderEpoch): a log that ends earlier in the epoch of the last record consumed was
// truncated below the position.
//
// A truncation moves the position back to where the log differs if there is a reset policy;
// without one the application hears of it in its next poll().
// Source: OffsetFetcher, OffsetFetcherUtils, OffsetsForLeaderEpochUtils, SubscriptionState;
// KIP-320.

#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "sim/protocol/client/consumer_fetcher.h"
#include "sim/protocol/client/consumer_network.h"
#include "sim/protocol/client/consumer_position.h"
#include "sim/protocol/client/settings.h"
#include "sim/wire/messages/list_offsets_request.h"
#include "sim/wire/messages/list_offsets_response.h"
#include "sim/wire/messages/offset_for_leader_epoch_request.h"
#include "sim/wire/messages/offset_for_leader_epoch_response.h"

namespace bsim::client {

class OffsetFetcher {
  public:
    explicit OffsetFetcher(const ConsumerSettings& settings) : settings_(settings) {}

    // New metadata may name other leaders: positions that are not sure any more are marked.
    void look_at_metadata(ConsumerPositions& positions, const MetadataUpdater& metadata);
    // Sends what validations and lookups are due. What it returns is thrown out of poll().
    std::optional<PollFailed> validate(ConsumerTurn& turn,
                                       ConsumerPositions& positions,
                                       ConsumerNetwork& network);
    std::optional<PollFailed> reset(ConsumerTurn& turn,
                                    ConsumerPositions& positions,
                                    ConsumerNetwork& network);
    // False if the request is not one of this class.
    bool handle(ConsumerTurn& turn,
                const RequestOutcome& outcome,
                ConsumerPositions& positions,
                ConsumerNetwork& network);

  private:
    using Lookup = std::set<TopicPartition>;
    using Validation = std::map<TopicPartition, FetchPosition>;  // as they were asked about
    struct Answer {
        ConsumerTurn& turn;
        ConsumerPositions& positions;
        ConsumerNetwork& network;
    };

    void send_lookup(ConsumerTurn& turn,
                     NodeId node,
                     const Lookup& lookup,
                     ConsumerNetwork& network);
    void send_validation(ConsumerTurn& turn,
                         NodeId node,
                         const Validation& validation,
                         ConsumerNetwork& network);
    void handle_lookup(const Answer& answer, const Lookup& asked, const RequestOutcome& outcome);
    void handle_validation(const Answer& answer,
                           const Validation& asked,
                           const RequestOutcome& outcome);
    template <class Asked>
    void retry(const Answer& answer, const Asked& partitions) const;
    void found(const Answer& answer,
               const TopicPartition& tp,
               const wire::ListOffsetsResponse::ListOffsetsPartitionResponse& told);
    // What is wrong with the position, if the application must hear it.
    std::optional<PollFailed::Partition> complete_validation(
        const Answer& answer,
        const TopicPartition& tp,
        const FetchPosition& asked,
        const wire::OffsetForLeaderEpochResponse::EpochEndOffset& told) const;

    ConsumerSettings settings_;
    std::map<ConsumerRequestId, std::variant<Lookup, Validation>> requests_;
    std::optional<std::int64_t> metadata_version_;  // looked at last
    std::optional<PollFailed> lookup_failure_;
    std::optional<PollFailed> validation_failure_;
};

}  // namespace bsim::client
