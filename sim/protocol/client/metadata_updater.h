#pragma once
// When a client asks for metadata, and about which topics.
//
// A refresh is due when one was requested (full: all topics in use; partial: only topics just
// added) or the last full one is older than metadata.max.age.ms, but never sooner than a backoff
// after the last answer or failure: retry.backoff.ms, doubling up to retry.backoff.max.ms while
// refreshes fail, and likewise while answers bring nothing new. Topics not used for
// metadata.max.idle.ms are forgotten at the next answer.
// Source: org.apache.kafka.clients.Metadata, ProducerMetadata; KIP-580, KIP-526.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "sim/base/time.h"
#include "sim/protocol/client/cluster_metadata.h"
#include "sim/protocol/client/draw_sequence.h"
#include "sim/protocol/client/settings.h"
#include "sim/wire/messages/metadata_request.h"

namespace bsim::client {

class MetadataUpdater {
  public:
    // Identifies what a request in flight was made for.
    struct Purpose {
        std::int64_t request_version = 0;
        bool partial = false;
    };

    explicit MetadataUpdater(const ClientSettings& settings);

    const ClusterMetadata& cluster() const { return cluster_; }
    // Grows with every answer; a waiter compares it with the value at which it began to wait.
    std::int64_t update_version() const { return update_version_; }

    // Notes that the topic is in use now; a topic not known yet is asked for at once.
    void add_topic(SimTime now, const std::string& topic);
    // It is not in use any more.
    void remove_topic(const std::string& topic);
    bool update_requested() const { return need_full_ || need_partial_; }
    // Asks for a refresh for a topic that someone waits for. Returns update_version().
    std::int64_t request_update_for(const std::string& topic);
    // Asks for a full refresh, no sooner than the backoff allows.
    void request_update() { need_full_ = true; }
    // The same, not held back because the last answers brought nothing new.
    void request_update_afresh() {
        need_full_ = true;
        equivalent_answers_ = 0;
    }
    // A broker answered in this epoch: an older view of the partition is of no use any more.
    void note_epoch(const TopicPartition& tp, LeaderEpoch epoch) {
        need_full_ = cluster_.note_epoch(tp, epoch) || need_full_;
    }

    // From when on a request may be sent; nothing while a request is in flight.
    std::optional<SimTime> due_at() const;
    bool is_due(SimTime now) const;

    wire::MetadataRequest begin_request(SimTime now);
    bool in_progress() const { return in_progress_.has_value(); }
    void response_arrived(SimTime now,
                          const wire::MetadataResponse& response,
                          std::int16_t version,
                          DrawSequence& draws);
    void request_failed(SimTime now, DrawSequence& draws);
    // A connection broke: counts as a failure if a refresh was due, and asks for one.
    void node_disconnected(SimTime now, DrawSequence& draws);

    std::set<TopicPartition> take_hints(const std::vector<LeaderHint>& hints,
                                        const std::vector<NodeView>& nodes) {
        return cluster_.take_hints(hints, nodes);
    }

    // The error that the last answer gave for a topic; None if it had none.
    wire::ErrorCode topic_error(const std::string& topic) const;

  private:
    void failed(SimTime now, DrawSequence& draws);
    void request_update_for_new_topics();
    std::set<std::string> retained_topics(SimTime now);

    ExponentialBackoff backoff_;
    SimDuration max_age_;
    SimDuration max_idle_;
    bool allow_auto_create_;
    ClusterMetadata cluster_;
    std::map<std::string, SimTime> topics_;  // in use, with the time at which they expire
    std::set<std::string> new_topics_;       // of these, not answered for yet
    std::map<std::string, wire::ErrorCode> topic_errors_;
    bool need_full_ = true;
    bool need_partial_ = false;
    std::optional<Purpose> in_progress_;
    std::int64_t update_version_ = 1;
    std::int64_t request_version_ = 0;
    std::optional<SimTime> last_refresh_;  // none: as if long ago
    std::optional<SimTime> last_full_refresh_;
    std::int64_t failures_ = 0;
    std::int64_t equivalent_answers_ = 0;
    SimDuration failure_backoff_{};     // drawn when last_refresh_ was set
    SimDuration equivalent_backoff_{};  // holds while equivalent_answers_ > 0
};

}  // namespace bsim::client
