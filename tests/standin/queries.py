"""The input of each query of Dokploy that @dokploy/cli 0.30.7 knows: 226 of them.

Made by scripts/queries.py, not by hand. A field is text, or a number where `#` follows its name, or
a boolean where `!` does; `?` marks one that may be left out.
"""

TABLE = """\
ai.get aiId
ai.getAll
ai.getCustomProviders
ai.getEnabledProviders
ai.getModels apiUrl apiKey
ai.one aiId
application.one applicationId
application.readAppMonitoring appName
application.readLogs applicationId tail#? since? search?
application.readTraefikConfig applicationId
application.search q? name? appName? description? repository? owner? dockerImage? projectId? environmentId? limit#? offset#?
auditLog.all userId? userEmail? resourceName? action? resourceType? from? to? limit#? offset#?
backup.listBackupFiles destinationId search serverId?
backup.one backupId
bitbucket.bitbucketProviders
bitbucket.getBitbucketBranches owner repo bitbucketId?
bitbucket.getBitbucketRepositories bitbucketId
bitbucket.one bitbucketId
certificates.all
certificates.one certificateId
cluster.addManager serverId?
cluster.addWorker serverId?
cluster.getNodes serverId?
compose.getConvertedCompose composeId
compose.getDefaultCommand composeId
compose.getTags baseUrl?
compose.loadMountsByService composeId serviceName
compose.loadServices composeId type?
compose.one composeId
compose.readLogs composeId containerId tail#? since? search?
compose.search q? name? appName? description? projectId? environmentId? limit#? offset#?
compose.templates baseUrl?
customRole.all
customRole.getStatements
customRole.membersByRole roleName
deployment.all applicationId
deployment.allByCompose composeId
deployment.allByServer serverId
deployment.allByType id type
deployment.allCentralized
deployment.queueList
deployment.readLogs deploymentId tail#?
destination.all
destination.one destinationId
dnsProvider.all
dnsProvider.listRecords dnsProviderId zoneId
dnsProvider.listZones dnsProviderId
dnsProvider.one dnsProviderId
docker.getConfig containerId serverId?
docker.getContainers serverId?
docker.getContainersByAppLabel appName serverId? type
docker.getContainersByAppNameMatch appType? appName serverId?
docker.getEvents serverId? minutes#?
docker.getServerHealth serverId? sinceHours#?
docker.getServiceContainersByAppName appName serverId?
docker.getStackContainersByAppName appName serverId?
docker.listContainerFiles containerId path serverId?
docker.readContainerFile containerId path serverId?
dockerDiskUsage.getBuildCache serverId?
dockerDiskUsage.getDiskUsage serverId?
dockerImage.getImageConfig imageRef serverId?
dockerImage.getImages serverId?
dockerVolume.getVolumeConfig volumeName serverId?
dockerVolume.getVolumes serverId?
dockerVolume.getVolumesSize serverId?
dockerVolume.listVolumeFiles volumeName path serverId?
dockerVolume.readVolumeFile volumeName path serverId?
domain.byApplicationId applicationId
domain.byComposeId composeId
domain.canGenerateTraefikMeDomains serverId
domain.one domainId
environment.byProjectId projectId
environment.one environmentId
environment.search q? name? description? projectId? limit#? offset#?
forwardAuth.getAuthDomain serverId
forwardAuth.listProviders
forwardAuth.serverStatus
forwardAuth.status domainId
gitProvider.allForPermissions
gitProvider.getAll
gitea.getGiteaBranches owner repositoryName giteaId?
gitea.getGiteaRepositories giteaId
gitea.getGiteaUrl giteaId
gitea.giteaProviders
gitea.one giteaId
github.getGithubBranches repo owner githubId?
github.getGithubRepositories githubId
github.githubProviders
github.one githubId
gitlab.getGitlabBranches id#? owner repo gitlabId?
gitlab.getGitlabRepositories gitlabId
gitlab.gitlabProviders
gitlab.one gitlabId
libsql.one libsqlId
libsql.readLogs libsqlId tail#? since? search?
licenseKey.getEnterpriseSettings
licenseKey.haveValidLicenseKey
mariadb.one mariadbId
mariadb.readLogs mariadbId tail#? since? search?
mariadb.search q? name? appName? description? projectId? environmentId? limit#? offset#?
mongo.one mongoId
mongo.readLogs mongoId tail#? since? search?
mongo.search q? name? appName? description? projectId? environmentId? limit#? offset#?
mounts.allNamedByApplicationId applicationId
mounts.listByServiceId serviceType serviceId
mounts.one mountId
mysql.one mysqlId
mysql.readLogs mysqlId tail#? since? search?
mysql.search q? name? appName? description? projectId? environmentId? limit#? offset#?
network.all serverId?
network.inspect networkId
network.networksToSync serverId?
network.one networkId
notification.all
notification.getEmailProviders
notification.one notificationId
organization.active
organization.all
organization.allInvitations
organization.one organizationId
overview.backups
overview.domains
overview.services
patch.byEntityId id type
patch.one patchId
patch.readRepoDirectories id type repoPath
patch.readRepoFile id type filePath
port.one portId
postgres.one postgresId
postgres.readLogs postgresId tail#? since? search?
postgres.search q? name? appName? description? projectId? environmentId? limit#? offset#?
previewDeployment.all applicationId
previewDeployment.one previewDeploymentId
project.all
project.allForPermissions
project.homeStats
project.onboardingStatus
project.one projectId
project.search q? name? description? limit#? offset#?
redirects.one redirectId
redis.one redisId
redis.readLogs redisId tail#? since? search?
redis.search q? name? appName? description? projectId? environmentId? limit#? offset#?
registry.all
registry.one registryId
schedule.list id scheduleType
schedule.one scheduleId
scim.listProviders
security.one securityId
server.all
server.allForPermissions
server.buildServers
server.count
server.getDefaultCommand serverId
server.getServerMetrics url token dataPoints
server.getServerTime
server.getServices serverId
server.one serverId
server.publicIp
server.security serverId
server.validate serverId
server.withSSHKey
settings.checkGPUStatus serverId?
settings.checkInfrastructureHealth
settings.getDockerDiskUsage
settings.getDokployCloudIps
settings.getDokployVersion
settings.getIp
settings.getLogCleanupStatus
settings.getOpenApiDocument
settings.getReleaseTag
settings.getTraefikPorts serverId?
settings.getWebServerSettings
settings.haveActivateRequests
settings.haveTraefikDashboardPortEnabled serverId?
settings.health
settings.isCloud
settings.isUserSubscribed
settings.readDirectories serverId?
settings.readMiddlewareTraefikConfig
settings.readTraefikConfig
settings.readTraefikEnv serverId?
settings.readTraefikFile path serverId?
settings.readWebServerTraefikConfig
sshKey.all
sshKey.allForApps
sshKey.one sshKeyId
sso.enforceSSO
sso.getTrustedOrigins
sso.listProviders
sso.one providerId
sso.showSignInWithSSO
stripe.canCreateMoreServers
stripe.getBillingStatus
stripe.getCurrentPlan
stripe.getInvoices
stripe.getProducts
swarm.getContainerStats serverId?
swarm.getNodeApps serverId?
swarm.getNodeInfo nodeId serverId?
swarm.getNodes serverId?
tag.all
tag.one tagId
user.all
user.checkUserOrganizations userId
user.get
user.getBackups
user.getBookmarkedTemplates
user.getContainerMetrics url token appName dataPoints
user.getInvitations
user.getMetricsToken
user.getPermissions
user.getServerMetrics
user.getUserByToken token
user.haveRootAccess
user.listPasskeys
user.listSessions
user.one userId
user.session
vaultProvider.all
vaultProvider.listSecretNames vaultProviderId projectId environmentId?
vaultProvider.one vaultProviderId
volumeBackups.list id volumeBackupType
volumeBackups.one volumeBackupId
whitelabeling.get
whitelabeling.getPublic
"""
