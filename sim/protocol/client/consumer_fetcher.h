#pragma once
// Fetches ahead of the application, and hands out what came.
//
// At most one Fetch request is under way to a node; it asks for the partitions that have a valid
// position and nothing buffered, in an incremental fetch session a node. Answers wait in the order
// in which they came until collect() takes from them, at most max.poll.records at a time.
// Source: AbstractFetch, Fetcher, FetchBuffer, FetchCollector; KIP-227, KIP-951.
// DEVIATION: a consumer reads from leaders alone; preferred read replicas (KIP-392) are ignored.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/protocol/client/completed_fetch.h"
#include "sim/protocol/client/consumer_network.h"
#include "sim/protocol/client/consumer_position.h"
#include "sim/protocol/client/settings.h"
#include "sim/protocol/rules/fetch_session_handler.h"

namespace bsim::client {

using ConsumerPositions = std::map<TopicPartition, ConsumerPosition>;

class ConsumerFetcher {
  public:
    explicit ConsumerFetcher(const ConsumerSettings& settings) : settings_(settings) {}

    void send_fetches(ConsumerTurn& turn,
                      const ConsumerPositions& positions,
                      ConsumerNetwork& network);
    // False if the request is not one of this class.
    bool handle(const RequestOutcome& outcome,
                ConsumerPositions& positions,
                ConsumerNetwork& network);

    // The next records; nothing if there are none and no position advances. An error is told once
    // what stands before it has been handed out.
    struct Collected {
        std::vector<PartitionRecords> partitions;
        std::optional<PollFailed> failure;
        bool empty() const { return partitions.empty() && !failure; }
    };
    Collected collect(ConsumerPositions& positions, MetadataUpdater& metadata);

    // Gives up the session with each node that can be reached. All answered: closed().
    void close_sessions(ConsumerTurn& turn, ConsumerNetwork& network);
    bool closed() const { return closing_.empty(); }

  private:
    struct Session {
        FetchSessionHandler handler;
        std::map<Uuid, std::string> topics;  // what its partitions' ids stand for
        std::optional<ConsumerRequestId> pending;
    };
    struct Wanted {
        std::vector<WantedPartition> partitions;
        std::map<Uuid, std::string> topics;
    };

    bool buffered(const TopicPartition& tp) const;
    std::map<NodeId, Wanted> wanted(ConsumerTurn& turn,
                                    const ConsumerPositions& positions,
                                    ConsumerNetwork& network) const;
    wire::FetchRequest new_request() const;
    void take_answer(Session& session,
                     const wire::FetchResponse& response,
                     ConsumerPositions& positions,
                     ConsumerNetwork& network);
    void take_hints(const wire::FetchResponse& response,
                    const std::vector<LeaderHint>& hints,
                    ConsumerPositions& positions,
                    ConsumerNetwork& network) const;
    // Whether the answer may be read from; otherwise it is done with.
    bool admit(const CompletedFetch& fetch,
               ConsumerPositions& positions,
               MetadataUpdater& metadata,
               std::optional<PollFailed>& failure) const;
    bool handle_error(const CompletedFetch& fetch,
                      ConsumerPosition& position,
                      MetadataUpdater& metadata,
                      std::optional<PollFailed>& failure) const;
    // Takes from `current_`.
    std::optional<PollFailed> read(std::size_t max,
                                   ConsumerPositions& positions,
                                   std::vector<PartitionRecords>& out);

    ConsumerSettings settings_;
    std::map<NodeId, Session> sessions_;
    std::map<ConsumerRequestId, NodeId> requests_;
    std::set<ConsumerRequestId> closing_;
    std::deque<CompletedFetch> arrived_;
    std::optional<CompletedFetch> current_;
};

}  // namespace bsim::client
