#pragma once
// The process of a consumer, and the application in it: calls poll(), works on each record that it
// returned for a drawn time, commits if it is to, calls poll() again. Tells the trace and the
// history what it got, where its position moved, what its group assigned to it, and what it
// committed.
//
// Without a group and with auto.offset.reset=none, where Kafka leaves the choice to the
// application, it begins at 0. When poll() throws, the application closes the consumer and ends, as
// a program does that does not catch the exception; nobody else starts it again. When a commit
// fails, the application goes on: its next poll() joins the group again if it must.
// A graceful stop waits until the application has worked off what it was handed, then closes the
// consumer, which commits (with auto commit) and leaves the group.
//
// What its own code takes is nothing, but for what a JVM does rarely and slowly: the shutdown hook
// after SIGTERM, and the work of a group's leader from JoinGroup to SyncGroup.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/model/dist.h"
#include "sim/node/client_sockets.h"
#include "sim/node/poll_history.h"
#include "sim/node/process.h"
#include "sim/node/record_work.h"
#include "sim/protocol/client/consumer.h"

namespace bsim {

// When the application of a group's member commits what it has worked off.
//   Auto       never itself: enable.auto.commit does, inside of poll(), as settings.group says
//   Sync       commitSync() of all that a poll() returned, after working on it
//   AfterEach  commitSync() after each record
//   None       never
// With Sync and AfterEach a record is worked on at least once: after a crash, what was not
// committed comes again. So it is with Auto, for a poll() commits the positions that it begins
// with, which are behind all that earlier ones returned. At most once, a record committed before
// it is worked on, is BeforeWork: commitSync() as soon as poll() has returned.
enum class CommitMode { Auto, Sync, AfterEach, BeforeWork, None };

struct ConsumerSetup {
    client::ConsumerSettings settings;     // with settings.group: a member of that group
    std::vector<TopicPartition> assigned;  // without a group: at least one; else empty
    std::vector<std::string> topics;       // with a group: what it subscribes to, at least one
    CommitMode commit = CommitMode::Auto;  // with a group; other than Auto: no auto commit
    std::optional<LatencyDist> process;    // what the application takes for a record; none: nothing
    HostByName host_by_name;
};

class ConsumerNode : public Process {
  public:
    // What the history is written to; shared by all clients.
    struct History {
        HistorySink& sink;
        HistoryProcesses& processes;
    };

    ConsumerNode(const NodeEnv& env,
                 NodeName name,
                 HostId host,
                 const ConsumerSetup& setup,
                 const History& history);
    ~ConsumerNode() override;

    const std::vector<TopicPartition>& assigned() const { return assigned_; }
    // Faults make the application slower.
    RecordWork& work() { return record_work_; }

  protected:
    void boot() override;
    void halt() override;
    void begin_shutdown() override;

  private:
    void call_poll();
    // What the application does next, if poll() or the end is not what comes.
    struct Work {
        std::int64_t records = 0;                           // to work on, first
        bool commits = false;                               // then
        std::optional<client::CommittableOffsets> offsets;  // none: all positions
    };
    // The application's thread is busy that long, then goes on.
    void go_on_after(SimDuration work);
    void go_on();
    void plan(const client::RecordsReady& records);
    void next_work();
    void finish_work();
    std::string group() const { return settings_.group->group_id; }
    void step(const client::ConsumerInput& input);
    void run(const client::Connect& effect) { sockets_.run(effect); }
    void run(const client::Close& effect) { sockets_.run(effect); }
    void run(client::SendRequest& effect);
    void run(const client::ArmTimer& effect);
    void run(const client::RecordsReady& effect);
    void run(const client::PollTimedOut& effect);
    void run(const client::PollFailed& effect);
    void run(const client::AssignmentUpdated& effect);
    void run(const client::CommitBegun& effect);
    void run(const client::CommitEnded& effect);
    void run(const client::CommitRetried& effect);
    void run(const client::PositionReset& effect);
    void run(const client::Closed& effect);
    void tell(const client::PartitionRecords& records);

    client::ConsumerSettings settings_;
    std::vector<TopicPartition> assigned_;
    std::vector<std::string> topics_;
    CommitMode commit_;
    PollHistory history_;
    RngStream draws_;
    RngStream jvm_draws_;
    RecordWork record_work_;
    ClientSockets sockets_;
    // One life.
    std::unique_ptr<client::Consumer> consumer_;
    std::unique_ptr<Alarm> alarm_;
    std::vector<TopicPartition> owned_;  // of a group's member
    std::deque<Work> work_;
    bool stopping_ = false;
};

}  // namespace bsim
