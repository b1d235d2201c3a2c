#pragma once
// The process of a consumer without a group, and the application in it: calls poll(), works on each
// record that it returned for a drawn time, calls poll() again. Tells the trace and the history
// what it got and where its position moved.
//
// With auto.offset.reset=none, where Kafka leaves the choice to the application, it begins at 0.
// When poll() throws, the application closes the consumer and ends, as a program does that does not
// catch the exception; nobody else starts it again.

#include <memory>
#include <optional>
#include <vector>

#include "sim/model/dist.h"
#include "sim/network/latency.h"
#include "sim/node/client_sockets.h"
#include "sim/node/poll_history.h"
#include "sim/node/process.h"
#include "sim/protocol/client/consumer.h"

namespace bsim {

struct ConsumerSetup {
    client::ConsumerSettings settings;
    std::vector<TopicPartition> assigned;  // at least one
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

  protected:
    void boot() override;
    void halt() override;
    void begin_shutdown() override;

  private:
    void call_poll();
    // The application's thread is busy that long, then goes on.
    void go_on_after(SimDuration work);
    void step(const client::ConsumerInput& input);
    void run(const client::Connect& effect) { sockets_.run(effect); }
    void run(const client::Close& effect) { sockets_.run(effect); }
    void run(client::SendRequest& effect) { sockets_.run(effect); }
    void run(const client::ArmTimer& effect);
    void run(const client::RecordsReady& effect);
    void run(const client::PollTimedOut& effect);
    void run(const client::PollFailed& effect);
    void run(const client::PositionReset& effect);
    void run(const client::Closed& effect);
    void tell(const client::PartitionRecords& records);

    client::ConsumerSettings settings_;
    std::vector<TopicPartition> assigned_;
    std::optional<LatencySampler> process_;
    PollHistory history_;
    RngStream draws_;
    RngStream work_draws_;
    ClientSockets sockets_;
    // One life.
    std::unique_ptr<client::Consumer> consumer_;
    std::unique_ptr<Alarm> alarm_;
    bool stopping_ = false;
};

}  // namespace bsim
