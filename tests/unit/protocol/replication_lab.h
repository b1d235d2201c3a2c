#pragma once
// A cluster in memory around one partition: brokers with logs, leaders and fetchers that exchange
// real Fetch, ListOffsets and AlterPartition values, and a small controller. Nothing moves by
// itself: a test delivers each message, so any interleaving can be played.
//
// A kill loses a broker's memory and keeps its log (the page cache survives a killed process); the
// high watermark falls back to the last checkpoint. The controller fences the killed broker, drops
// it from the ISR (never the last member), and elects the first live member of the ISR.

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/protocol/replication/alter_partition_queue.h"
#include "sim/protocol/replication/delayed_produce.h"
#include "sim/protocol/replication/fetch_session.h"
#include "sim/protocol/replication/fetcher.h"
#include "sim/protocol/replication/partition_leader.h"
#include "tests/unit/protocol/replication_fakes.h"

namespace bsim::replication {

// The partition is absent from news of registrations alone.
struct LabNews {
    std::optional<PartitionNews> partition;
    FakeCluster registrations;
};

struct LabBroker {
    BrokerId id;
    bool running = true;
    BrokerEpoch epoch;
    FakeLog log;
    Offset checkpointed_hw;
    std::optional<KnownRole> known;
    std::unique_ptr<PartitionLeader> leader;
    // Set to the partition epoch at which news dropped a pending proposal, see
    // expect_maximal_isr().
    std::optional<PartitionEpoch> forgot_proposal_at;
    std::optional<BrokerId> source;  // of the fetcher
    std::unique_ptr<Fetcher> fetcher;
    std::unique_ptr<FetchSessionCache> sessions;
    std::unique_ptr<AlterPartitionQueue> proposals;
    DelayedProduces produces;
    FakeCluster view;
    std::deque<LabNews> news;  // metadata on its way

    // At most one of each under way.
    std::optional<wire::FetchRequest> fetch_request;
    std::optional<wire::FetchResponse> fetch_response;
    std::optional<FetcherEffect> question;  // AskLeaderOffset
    std::optional<wire::AlterPartitionRequest> alter_request;
    std::optional<wire::AlterPartitionResponse> alter_response;
};

struct LabOptions {
    std::vector<std::int32_t> brokers;
    std::int32_t min_insync_replicas = 1;
    std::size_t records_per_fetch = 3;
    bool unclean_election = false;
    Truncation truncation = Truncation::ByLeaderEpoch;
};

class Lab {
  public:
    explicit Lab(const LabOptions& options);

    // ---- The controller
    void elect(BrokerId leader);  // a forced election; clean if it is in the ISR
    void kill(BrokerId id);
    void restart(BrokerId id);
    void update_registration(BrokerId id, bool fenced);

    // ---- Clients
    // Appends one record if the leader admits it; acks=all is parked as an operation.
    wire::ErrorCode produce(BrokerId id, std::int64_t value, std::int16_t acks);
    void delete_records(BrokerId id, Offset offset);

    // ---- One delivery each; false if there is nothing to deliver.
    bool deliver_news(BrokerId id);
    bool send_fetch(BrokerId id);
    bool answer_fetch(BrokerId id);   // the source reads its log
    bool deliver_fetch(BrokerId id);  // the follower takes the response
    bool lose_fetch(BrokerId id);
    bool answer_question(BrokerId id);
    bool answer_alter(BrokerId id);
    bool deliver_alter(BrokerId id);
    bool lose_alter(BrokerId id);  // request or answer
    void check_isr(BrokerId id);
    void checkpoint(BrokerId id) { at(id).checkpointed_hw = at(id).log.hw; }
    // Delivers everything in turn until nothing changes any more.
    void settle();

    LabBroker& at(BrokerId id) { return brokers_.at(id); }
    std::map<BrokerId, LabBroker>& brokers() { return brokers_; }
    const PartitionNews& state() const { return state_; }
    static TopicIdPartition tp() { return {Uuid{1, 2}, PartitionIndex(0)}; }
    LeaderContext context(LabBroker& broker) { return {now, broker.view}; }

    // What an acks=all producer has been told is safe: offset to record.
    std::map<Offset, FakeRecord> acked;
    // The largest mark that any leader has reached; waived after an unclean election.
    Offset true_hw;
    bool unclean = false;  // committed records may be lost: an unclean election, or gaps > 0
    SimTime now{seconds(1).ns()};
    std::vector<std::string> story;  // effects that tests look at: truncations
    std::uint64_t truncations = 0;
    std::uint64_t gaps = 0;  // marks that passed a forgotten member of the ISR

  private:
    void broadcast(bool with_partition);
    void change(PartitionNews next);
    void choose_leader(PartitionNews& next);
    void apply(LabBroker& broker, const PartitionNews& news);
    void become_leader(LabBroker& broker, const PartitionNews& news);
    static void stop_fetcher(LabBroker& broker);
    void become_follower(LabBroker& broker, const PartitionNews& news);
    void start_process(LabBroker& broker);
    void run(LabBroker& broker, LeaderEffects& effects);
    void run(LabBroker& broker, FetcherEffects& effects);
    void run_one(LabBroker& broker, const FetcherEffect& effect, FetcherEffects& out);
    void run(LabBroker& broker, AlterPartitionEffects& effects);
    void finish(LabBroker& broker, std::vector<CompletedProduce>& done);
    void waive_if_gap_open(const LabBroker& broker);
    void check_produces(LabBroker& broker);
    wire::FetchResponse::PartitionData read(LabBroker& source,
                                            BrokerId follower,
                                            std::optional<BrokerEpoch> epoch,
                                            const PartitionFetch& fetch);
    wire::ErrorCode validate(const LabBroker& sender,
                             const wire::AlterPartitionRequest::PartitionData& part) const;

    LabOptions options_;
    std::map<BrokerId, LabBroker> brokers_;
    FakeCluster registrations_;
    PartitionNews state_;
    std::int64_t next_broker_epoch_ = 100;
    std::uint64_t next_operation_ = 1;
};

}  // namespace bsim::replication
