// Which server has a key, as Redis' topologies have it. No I/O: a host makes connections and asks, and tells what was
// answered; NGINX's event loop and the tool's blocking client are the two hosts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/redis/options.h"
#include "plugins/plugin.h"

namespace personalize::engine::redis {

/// A server as the host has it: its connections.
class Server {
 public:
  virtual ~Server() = default;
  /// It may be asked: not all of its connections have failed.
  virtual bool reachable() const = 0;
  /// It is given up because other servers have its data now.
  virtual void dismiss() = 0;
};

/// Of the one server that has these addresses; the options outlive it.
using MakeServer = std::function<std::unique_ptr<Server>(const ConnectionOptions&, const std::vector<Address>&)>;

/// What to ask, again and again, and whom, to learn where the servers are.
struct Discovery {
  std::string question;       ///< an encoded command
  ConnectionOptions options;  ///< of connections for that
  std::uint64_t pause = 0;    ///< milliseconds between questions while all is well
};

/// What an answer says.
struct Learned {
  bool known = false;                            ///< which servers there are
  bool complete = false;                         ///< … and all can be talked to: nobody else need be asked
  bool moved = false;                            ///< servers have other tasks than before
  std::string news;                              ///< for the log, if that is worth a line
  std::optional<std::string> problem;            ///< why the answer is of no use
  std::vector<Address> servers;                  ///< whom to ask from now on; empty: as before
  std::vector<std::unique_ptr<Server>> retired;  ///< destroyed by the host, when all else is done
};

/// What to do about an error.
struct Advice {
  bool redirected = false;   ///< it names another server
  bool outdated = false;     ///< the servers have changed: ask where they are
  Server* server = nullptr;  ///< send the command there; null: the error is the answer
  bool asking = false;       ///< after ASKING
};

/// How often a command follows a redirect: to a new master, to where it is just moving a slot, and once for bad luck.
inline constexpr unsigned max_redirects = 3;
/// The answer for a key whose slot is being moved, if the server there refused ASKING because of `why`.
std::string refused_asking(std::string_view why);

class Topology {
 public:
  static std::unique_ptr<Topology> make(const Options& options, MakeServer make_server);
  virtual ~Topology() = default;
  Topology(const Topology&) = delete;
  Topology& operator=(const Topology&) = delete;

  /// Of connections to servers.
  const ConnectionOptions& server_options() const { return server_options_; }
  /// Nothing: the servers are known without asking.
  const std::optional<Discovery>& discovery() const { return discovery_; }

  /// The server that has keys of that slot; null: none is known.
  virtual Server* route(std::uint16_t slot) const = 0;
  /// What `from` answered to the question; kind `absent`: it could not be asked. Times are in milliseconds of any
  /// clock.
  virtual Learned learn(const plugins::Reply& answer, const Address& from, std::uint64_t now);
  /// `from` answered a command for a key of that slot by an error.
  virtual Advice on_error(std::string_view error, std::uint16_t slot, const Address& from, std::uint64_t now);
  /// All servers; from now on none is known.
  virtual std::vector<std::unique_ptr<Server>> give_up_servers() = 0;

 protected:
  explicit Topology(ConnectionOptions server_options) : server_options_(std::move(server_options)) {}

  const ConnectionOptions server_options_;
  std::optional<Discovery> discovery_;
};

}  // namespace personalize::engine::redis
