#pragma once
// The admin client of a run: creates the scenario's topics, and changes what faults ask to be
// changed, as Kafka's tools do. What is asked while nothing is under way is asked by a new client,
// as if a tool were started. Requests: sim/node/admin_requests.h.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sim/node/cluster_identity.h"
#include "sim/node/rpc_client.h"
#include "sim/protocol/admin/admin_client.h"
#include "sim/protocol/admin/record_deletion.h"

namespace bsim {

class AdminNode : public Process {
  public:
    // The answer, or nothing if the call timed out.
    using Done = std::function<void(const std::optional<wire::ResponseBody>&)>;

    AdminNode(const NodeEnv& env,
              HostId host,
              const std::vector<BrokerId>& bootstrap,
              AddressOf address_of);
    ~AdminNode() override;

    // Goes to whom Kafka's client would send it: settings of one broker to that broker, settings
    // otherwise and UnregisterBroker to any broker, all else to the controller (a live broker).
    // Requires that the process runs.
    void call(wire::RequestBody body, Done done);

    // Deletes the records below the offsets; kBeforeHighWatermark stands for all that are
    // committed.
    using DeletedDone = std::function<void(const std::map<TopicPartition, admin::DeletedRecords>&)>;
    void delete_records(std::map<TopicPartition, Offset> before, DeletedDone done);

  protected:
    void boot() override;
    void halt() override;
    void begin_shutdown() override;

  private:
    class Life;

    std::vector<BrokerId> bootstrap_;
    AddressOf address_of_;
    std::unique_ptr<Life> life_;
};

}  // namespace bsim
