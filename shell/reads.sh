# reads.sh: which commands only read: 217 of the 604 of @dokploy/cli 0.30.7.
# Made by scripts/reads.py, not by hand. The shim sources it for a protected profile;
# dokploy_ctx/official/reads.py reads the same lines.
# shellcheck shell=dash

# Status 0: the CLI's arguments "$@" only read. Everything else is a change: a command that is not
# listed, and anything before the command's two words. What follows them cannot choose another
# command (commander's subcommands have none of their own). These are queries of the panel's and
# changes all the same, whatever their options are:
#   compose load-services: with --type fetch the server deletes the code folder and clones it again (ran)
#   docker list-container-files: the server runs ls inside the container
#   docker read-container-file: the server runs cat inside the container
#   docker-volume list-volume-files: the server starts a container
#   docker-volume read-volume-file: the server starts a container
#   gitea get-gitea-branches: the server gets a new OAuth token from the git provider and saves it (ran)
#   gitea get-gitea-repositories: the server gets a new OAuth token from the git provider and saves it (ran)
#   gitlab get-gitlab-branches: may be done as for get-gitlab-repositories: the server gets a new OAuth token
#       from the git provider and saves it
#   gitlab get-gitlab-repositories: the server gets a new OAuth token from the git provider and saves it
__dctx_reads() {
    # `GROUP --help` and `GROUP COMMAND --help`, and not a word more: after an option, --help could
    # be that option's value.
    case $#:${1-} in [23]:-*) return 1 ;; esac
    case $#:${2-} in 2:-h | 2:--help) return 0 ;; 3:-*) return 1 ;; esac
    case $#:${3-} in 3:-h | 3:--help) return 0 ;; esac
    case "${1-} ${2-}" in
    'ai get' | \
        'ai get-all' | \
        'ai get-custom-providers' | \
        'ai get-enabled-providers' | \
        'ai get-models' | \
        'ai one' | \
        'application one' | \
        'application read-app-monitoring' | \
        'application read-logs' | \
        'application read-traefik-config' | \
        'application search' | \
        'audit-log all' | \
        'backup list-backup-files' | \
        'backup one' | \
        'bitbucket bitbucket-providers' | \
        'bitbucket get-bitbucket-branches' | \
        'bitbucket get-bitbucket-repositories' | \
        'bitbucket one' | \
        'certificates all' | \
        'certificates one' | \
        'cluster add-manager' | \
        'cluster add-worker' | \
        'cluster get-nodes' | \
        'compose get-converted-compose' | \
        'compose get-default-command' | \
        'compose get-tags' | \
        'compose load-mounts-by-service' | \
        'compose one' | \
        'compose read-logs' | \
        'compose search' | \
        'compose templates' | \
        'custom-role all' | \
        'custom-role get-statements' | \
        'custom-role members-by-role' | \
        'deployment all' | \
        'deployment all-by-compose' | \
        'deployment all-by-server' | \
        'deployment all-by-type' | \
        'deployment all-centralized' | \
        'deployment queue-list' | \
        'deployment read-logs' | \
        'destination all' | \
        'destination one' | \
        'dns-provider all' | \
        'dns-provider list-records' | \
        'dns-provider list-zones' | \
        'dns-provider one' | \
        'docker get-config' | \
        'docker get-containers' | \
        'docker get-containers-by-app-label' | \
        'docker get-containers-by-app-name-match' | \
        'docker get-events' | \
        'docker get-server-health' | \
        'docker get-service-containers-by-app-name' | \
        'docker get-stack-containers-by-app-name' | \
        'docker-disk-usage get-build-cache' | \
        'docker-disk-usage get-disk-usage' | \
        'docker-image get-image-config' | \
        'docker-image get-images' | \
        'docker-volume get-volume-config' | \
        'docker-volume get-volumes' | \
        'docker-volume get-volumes-size' | \
        'domain by-application-id' | \
        'domain by-compose-id' | \
        'domain can-generate-traefik-me-domains' | \
        'domain one' | \
        'environment by-project-id' | \
        'environment one' | \
        'environment search' | \
        'forward-auth get-auth-domain' | \
        'forward-auth list-providers' | \
        'forward-auth server-status' | \
        'forward-auth status' | \
        'git-provider all-for-permissions' | \
        'git-provider get-all' | \
        'gitea get-gitea-url' | \
        'gitea gitea-providers' | \
        'gitea one' | \
        'github get-github-branches' | \
        'github get-github-repositories' | \
        'github github-providers' | \
        'github one' | \
        'gitlab gitlab-providers' | \
        'gitlab one' | \
        'libsql one' | \
        'libsql read-logs' | \
        'license-key get-enterprise-settings' | \
        'license-key have-valid-license-key' | \
        'mariadb one' | \
        'mariadb read-logs' | \
        'mariadb search' | \
        'mongo one' | \
        'mongo read-logs' | \
        'mongo search' | \
        'mounts all-named-by-application-id' | \
        'mounts list-by-service-id' | \
        'mounts one' | \
        'mysql one' | \
        'mysql read-logs' | \
        'mysql search' | \
        'network all' | \
        'network inspect' | \
        'network networks-to-sync' | \
        'network one' | \
        'notification all' | \
        'notification get-email-providers' | \
        'notification one' | \
        'organization active' | \
        'organization all' | \
        'organization all-invitations' | \
        'organization one' | \
        'overview backups' | \
        'overview domains' | \
        'overview services' | \
        'patch by-entity-id' | \
        'patch one' | \
        'patch read-repo-directories' | \
        'patch read-repo-file' | \
        'port one' | \
        'postgres one' | \
        'postgres read-logs' | \
        'postgres search' | \
        'preview-deployment all' | \
        'preview-deployment one' | \
        'project all' | \
        'project all-for-permissions' | \
        'project home-stats' | \
        'project onboarding-status' | \
        'project one' | \
        'project search' | \
        'redirects one' | \
        'redis one' | \
        'redis read-logs' | \
        'redis search' | \
        'registry all' | \
        'registry one' | \
        'schedule list' | \
        'schedule one' | \
        'scim list-providers' | \
        'security one' | \
        'server all' | \
        'server all-for-permissions' | \
        'server build-servers' | \
        'server count' | \
        'server get-default-command' | \
        'server get-server-metrics' | \
        'server get-server-time' | \
        'server get-services' | \
        'server one' | \
        'server public-ip' | \
        'server security' | \
        'server validate' | \
        'server with-sshkey' | \
        'settings check-gpustatus' | \
        'settings check-infrastructure-health' | \
        'settings get-docker-disk-usage' | \
        'settings get-dokploy-cloud-ips' | \
        'settings get-dokploy-version' | \
        'settings get-ip' | \
        'settings get-log-cleanup-status' | \
        'settings get-open-api-document' | \
        'settings get-release-tag' | \
        'settings get-traefik-ports' | \
        'settings get-web-server-settings' | \
        'settings have-activate-requests' | \
        'settings have-traefik-dashboard-port-enabled' | \
        'settings health' | \
        'settings is-cloud' | \
        'settings is-user-subscribed' | \
        'settings read-directories' | \
        'settings read-middleware-traefik-config' | \
        'settings read-traefik-config' | \
        'settings read-traefik-env' | \
        'settings read-traefik-file' | \
        'settings read-web-server-traefik-config' | \
        'ssh-key all' | \
        'ssh-key all-for-apps' | \
        'ssh-key one' | \
        'sso enforce-sso' | \
        'sso get-trusted-origins' | \
        'sso list-providers' | \
        'sso one' | \
        'sso show-sign-in-with-sso' | \
        'stripe can-create-more-servers' | \
        'stripe get-billing-status' | \
        'stripe get-current-plan' | \
        'stripe get-invoices' | \
        'stripe get-products' | \
        'swarm get-container-stats' | \
        'swarm get-node-apps' | \
        'swarm get-node-info' | \
        'swarm get-nodes' | \
        'tag all' | \
        'tag one' | \
        'user all' | \
        'user check-user-organizations' | \
        'user get' | \
        'user get-backups' | \
        'user get-bookmarked-templates' | \
        'user get-container-metrics' | \
        'user get-invitations' | \
        'user get-metrics-token' | \
        'user get-permissions' | \
        'user get-server-metrics' | \
        'user get-user-by-token' | \
        'user have-root-access' | \
        'user list-passkeys' | \
        'user list-sessions' | \
        'user one' | \
        'user session' | \
        'vault-provider all' | \
        'vault-provider list-secret-names' | \
        'vault-provider one' | \
        'volume-backups list' | \
        'volume-backups one' | \
        'whitelabeling get' | \
        'whitelabeling get-public') return 0 ;;
    *) return 1 ;;
    esac
}
