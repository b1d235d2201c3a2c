#pragma once
// availability: after a disturbance clients are served again within the bounds of the settings. A
// liveness check: it counts only if the scenario expects it. Also measures, for the results.
//
// Per partition, three views, each a list of unavailable windows:
//   produce  from the creation of the first batch that failed, or was not acknowledged within
//            `noticed`, to the next acknowledgement; a batch that comes to its end after others
//            that succeeded counts from the last of those
//   consume  for a reader whose next record has long been readable: from then, or from when it got
//            its position or asked last, to when the record is handed to it; provided that it was
//            waiting in poll(), or nobody led the partition meanwhile: an application that works
//            slowly is none of ours
//   cluster  the omniscient view: nobody who knows of it leads in the controller's epoch, or the
//            ISR is smaller than min.insync.replicas
// A window is a violation if more of it in a row than the bound is not excused; what excuses,
// check/availability_excuses.h says. A window still open at the end is judged like one that ends
// there; a producer that has nothing under way any more ends its window with its last failure.
//
// O(log n) an operation and event; events of nodes and faults look at every partition.

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "sim/check/availability_excuses.h"
#include "sim/check/availability_report.h"
#include "sim/trace/history.h"

namespace bsim {

class Availability : public Checker, public HistorySink {
  public:
    explicit Availability(const CheckSettings& settings)
        : Checker("availability", CheckKind::Liveness),
          settings_(settings),
          bounds_(settings.availability),
          excuses_(settings) {}

    void on(const Event& event, const ClusterView& view) override;
    void finish(const EndOfRun& end, const ClusterView& view) override;
    void send(const ClientOp& op) override;
    void poll(const ClientOp& op) override;
    void commit(const CommitOp& op) override;

    // After finish().
    const AvailabilityReport& report() const { return report_; }

  private:
    // A consumer at a partition.
    struct Reader {
        Offset next;
        SimTime since;  // it has been at `next`
    };
    struct Track {
        PartitionAvailability found;
        bool used = false;  // by clients
        bool led = false;   // it has been led once
        Spans leaderless;
        Spans under_min_isr;
        Spans unserved;
        std::optional<SimTime> failed;  // the first send that failed since one succeeded
        SimTime failed_last;
        std::string failed_client;
        SimTime acked;                                // last
        std::map<std::string, Reader> readers;        // by node
        std::deque<std::pair<SimTime, Offset>> ends;  // when records became readable, roughly
    };
    struct OpenSend {
        Track* track = nullptr;
        SimTime since;
        std::string client;
    };
    struct Window {
        SimTime from;
        SimTime to;
        bool ended = true;
        const std::string* client = nullptr;  // who saw it
    };

    Track* track(const TopicPartition& p);
    void count(const Event& event);
    void look_at_cluster(const Event& event, const ClusterView& view);
    void look_at(Track& track, const ClusterView& view, SimTime now);
    void close_unserved(Track& track, const Span& span, bool ended);
    void add(Track& track, UnavailableWindows& windows, const Window& window, SimDuration bound);
    void acknowledged(const OpenSend& send, SimTime now);
    void note_delay(Track& track, const Window& produce);
    void on_readable(const HwAdvanced& e, const ClusterView& view, SimTime now);
    void on_consumed(const Event& event, const RecordsConsumed& e);
    void stands(const std::string& node, const TopicPartition& p, Offset next, SimTime now);
    void stops(const std::string& node);
    void owns(const std::string& node, const std::vector<TopicPartition>& owned);
    void waited(Track& track, const std::string& node, const Reader& reader, SimTime now, bool got);

    CheckSettings settings_;
    AvailabilityBounds bounds_;
    AvailabilityExcuses excuses_;
    EventNumber i_;
    std::map<TopicPartition, Track> tracks_;
    std::map<std::int32_t, OpenSend> sends_;                 // by process
    std::map<std::int32_t, std::string> pollers_;            // by process
    std::map<std::string, SimTime> polling_;                 // by node: in poll() since
    std::map<std::string, std::set<TopicPartition>> reads_;  // by node
    AvailabilityReport report_;
};

}  // namespace bsim
