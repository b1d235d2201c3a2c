#pragma once
// The admin client of a run: creates the scenario's topics and asks for elections, through any
// broker, as kafka-topics and kafka-leader-election do.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sim/node/cluster_identity.h"
#include "sim/node/rpc_client.h"
#include "sim/protocol/admin/admin_client.h"

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

    // Requires that the process runs.
    void call(wire::RequestBody body, Done done);

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
