#pragma once
// A controller on a bench: one QuorumController, a log that takes what it appends, a clock that
// stands still until a test moves it. What the controller says is kept as lines of text, and
// replies also as values. Nothing is committed until commit() is called.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/protocol/controller/quorum_controller.h"

namespace bsim::controller {

// Draws that follow a fixed pattern, and topic ids counted from 1.
class CountingDraws : public Draws {
  public:
    std::int32_t next_int(std::int32_t bound) override;
    Uuid next_uuid() override { return Uuid{0x1000000000000000, ++uuids_}; }

    void seed(std::uint64_t value) { state_ = value; }

  private:
    std::uint64_t state_ = 0;
    std::uint64_t uuids_ = 0;
};

ControllerConfig bench_config();  // cluster "bench", no NoOpRecords

class ControllerBench {
  public:
    explicit ControllerBench(ControllerConfig config = bench_config());

    QuorumController& controller() { return controller_; }
    const std::vector<wire::VersionedRecord>& log() const { return log_; }
    Offset end() const { return Offset(static_cast<std::int64_t>(log_.size())); }
    Offset committed() const { return committed_; }
    SimTime now() const { return now_; }
    CountingDraws& draws() { return draws_; }

    void activate(std::int32_t epoch);
    void resign();
    // The uncommitted end of the log is lost, as when another node became leader.
    void cut_log_to_committed();
    RequestToken request(std::int16_t version, ControllerRequest body);
    // Moves the clock on, stopping wherever the controller wants to be called.
    void wait(SimDuration span);
    void tick();  // calls time_passed() now
    // Moves the clock without a call, as when the controller is late.
    void oversleep(SimDuration span) { now_ = now_ + span; }
    // Everything appended, or everything below `end`.
    void commit();
    void commit(Offset end);
    // As commit(), on a standby that leads the log by now: it announces what it inherited.
    void commit_inherited();
    // A standby's bench takes over the committed log of another.
    void follow(const ControllerBench& other, bool announce);

    // The reply to a request, once given.
    template <class Response>
    const Response* reply(RequestToken token) const {
        const auto at = replies_.find(token);
        return at == replies_.end() ? nullptr : std::get_if<Response>(&at->second);
    }

    // Lines since the last call.
    std::vector<std::string> take_lines();
    const ControllerEffects& effects() const { return effects_; }  // of the last step
    const ControllerEffects& notices() const { return notices_; }  // of all steps

  private:
    StepContext context() { return {now_, end(), draws_}; }
    void carry_out();
    void commit_batches(Offset end, bool announce);

    QuorumController controller_;
    CountingDraws draws_;
    std::vector<wire::VersionedRecord> log_;
    std::vector<Offset> batches_;  // base offsets; ascending
    Offset committed_;
    SimTime now_;
    ControllerEffects effects_;
    ControllerEffects notices_;
    std::map<RequestToken, ControllerResponse> replies_;
    std::vector<std::string> lines_;
    std::uint64_t requests_ = 0;
};

// "leader=2 leader-epoch=1 partition-epoch=1 isr=[2,3] replicas=[1,2,3]", and what is unusual.
std::string describe(const PartitionRegistration& partition);

// Requests in few words. Broker b's process p has the incarnation id (b, p) and one log directory.
wire::BrokerRegistrationRequest registration(std::int32_t broker, std::uint64_t process);
wire::BrokerHeartbeatRequest beat(std::int32_t broker, std::int64_t epoch, std::int64_t read);
wire::CreateTopicsRequest creation(const std::string& topic,
                                   const std::vector<std::vector<std::int32_t>>& assignment);
// The request that the leader of the partition would send for this ISR, as the image has it.
wire::AlterPartitionRequest proposal(const MetadataImage& image,
                                     const TopicPartition& tp,
                                     const std::vector<std::int32_t>& isr);

}  // namespace bsim::controller
