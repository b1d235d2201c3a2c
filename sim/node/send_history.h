#pragma once
// Follows the batches that producers send: an operation of the history is opened when a batch is
// first sent and closed by its outcome. A batch is known by its first record, whose value is unique
// in the run.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/network/frame.h"
#include "sim/node/history_processes.h"
#include "sim/node/record_content.h"
#include "sim/protocol/client/client_ids.h"
#include "sim/trace/history.h"
#include "sim/trace/node_name.h"
#include "sim/wire/messages/produce_request.h"

namespace bsim {

// The identity of a batch as last sent.
struct SentBatch {
    std::uint32_t crc = 0;
    std::int64_t producer_id = -1;
    BrokerId to;
};

class SendHistory {
  public:
    SendHistory(HistorySink& sink, HistoryProcesses& processes)
        : sink_(sink), processes_(processes) {}

    void sent(SimTime now, const NodeName& producer, BrokerId to, const wire::ProduceRequest& body);

    struct Outcome {
        OpType type = OpType::Ok;
        TopicPartition p;
        std::optional<Offset> base;
        std::vector<client::RecordId> records;
        RecordForm form;
    };
    // nullopt if the batch was never sent.
    std::optional<SentBatch> completed(SimTime now,
                                       const NodeName& producer,
                                       const Outcome& outcome);

  private:
    struct Open {
        std::int32_t process = 0;
        std::vector<std::string> values;
        SentBatch batch;
    };

    struct Entry {
        SimTime time;
        OpType type = OpType::Invoke;
        std::int32_t process = 0;
        std::optional<Offset> base;
        ClientNote note;
    };
    void write(const Entry& entry, const TopicPartition& p, const std::vector<std::string>& values);

    HistorySink& sink_;
    HistoryProcesses& processes_;
    std::map<std::string, Open> open_;  // by the first record's value
};

}  // namespace bsim
