#pragma once
// The process of a producer: a Kafka producer on simulated connections. Tells the trace and the
// history what became of each batch.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/node/client_sockets.h"
#include "sim/node/process.h"
#include "sim/node/send_history.h"
#include "sim/protocol/client/producer.h"

namespace bsim {

struct ProducerSetup {
    client::ProducerSettings settings;
    RecordForm records;
    HostByName host_by_name;
};

class ProducerNode : public Process {
  public:
    ProducerNode(const NodeEnv& env,
                 NodeName name,
                 HostId host,
                 const ProducerSetup& setup,
                 SendHistory& history);
    ~ProducerNode() override;

    // The application calls send(). Does nothing while the process is down.
    void offer(client::RecordReady record);
    // What the application behind it writes.
    SharedBytes key(std::uint64_t number) const { return record_key(records_.key, number); }
    SharedBytes value(client::RecordId id) const;
    // send() does not return now.
    bool blocked() const { return blocked_; }
    // Told when the process has started: the application begins.
    void on_started(std::function<void()> listener) { started_ = std::move(listener); }
    // Told whenever send() returns again after having blocked.
    void on_unblocked(std::function<void()> listener) { unblocked_ = std::move(listener); }

  protected:
    void boot() override;
    void halt() override;
    void begin_shutdown() override;

  private:
    void step(const client::ProducerInput& input);
    void run(const client::Connect& effect) { sockets_.run(effect); }
    void run(const client::Close& effect) { sockets_.run(effect); }
    void run(client::SendRequest& effect);
    void run(const client::ArmTimer& effect);
    void run(const client::BatchAcked& effect);
    void run(const client::BatchFailed& effect);
    void run(const client::RecordFailed& effect);
    void run(const client::Blocked& effect);
    void run(const client::Unblocked& effect);
    void run(const client::ProducerIdAssigned& effect);
    void run(const client::Closed& effect);

    client::ProducerSettings settings_;
    RecordForm records_;
    SendHistory& history_;
    RngStream draws_;
    ClientSockets sockets_;
    std::function<void()> started_;
    std::function<void()> unblocked_;
    // One life.
    std::unique_ptr<client::Producer> producer_;
    std::unique_ptr<Alarm> alarm_;
    bool blocked_ = false;
    bool unblocked_now_ = false;
};

}  // namespace bsim
